import {
  ANNOTATION_REQUEST,
  BucketRecord,
  stringifyTenantRef,
  TenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ClusterReading,
  ProvisionedItem,
  ProvisionedTenant,
  Provisioner,
  ProvisionerVerdict,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import {
  API_VERSION,
  bucketSpecSchema,
  madeOf,
  NOTES,
  placeOf,
  userSpecSchema,
} from './objects';
import { toAccess } from './readObjects';

const texts = z.record(z.string(), z.string()).default({});

const metadataSchema = z.object({
  name: z.string(),
  annotations: texts,
  labels: texts,
});

const statusSchema = z
  .object({
    ready: z.boolean().default(false),
    conditions: z
      .array(
        z.object({
          status: z.string(),
          reason: z.string().optional(),
          message: z.string().optional(),
          lastTransitionTime: z.string().optional(),
        }),
      )
      .default([]),
  })
  .optional();

/** It is of the whole cluster. */
const instanceSchema = z.object({
  metadata: metadataSchema,
  spec: z.object({ endpoint: z.string() }),
  status: statusSchema,
});

const placed = metadataSchema.extend({ namespace: z.string() });

const bucketSchema = z.object({
  metadata: placed,
  spec: bucketSpecSchema,
  status: statusSchema,
});

const userSchema = z.object({
  metadata: placed,
  spec: userSpecSchema,
  status: statusSchema,
});

type Status = z.output<typeof statusSchema>;

/** What rustfs-manager-operator says of its objects: one list of each kind, for all tenants. */
export const managerProvisioner: Provisioner = {
  title: 'the manager operator',

  async read(cluster, tenants) {
    const namespaces = [
      ...new Set(tenants.map(({ namespace }) => namespace)),
    ].sort();
    const api = `/apis/${API_VERSION}`;
    const [instances, buckets, users] = await Promise.all([
      cluster.list({ api, resource: 'rustfsinstances' }),
      cluster.list({ api, resource: 'rustfsbuckets' }, namespaces),
      cluster.list({ api, resource: 'rustfsbucketusers' }, namespaces),
    ]);
    const found: Found = {
      instances: instances.flatMap(item =>
        cluster.parse(item, instanceSchema, 'RustFSInstance'),
      ),
      buckets: buckets.flatMap(item =>
        cluster.parse(item, bucketSchema, 'RustFSBucket'),
      ),
      users: users.flatMap(item =>
        cluster.parse(item, userSchema, 'RustFSBucketUser'),
      ),
    };
    const said = await Promise.all(
      tenants.map(tenant => describeTenant(cluster, tenant, found)),
    );
    return said.flatMap(tenant => tenant ?? []);
  },
};

interface Found {
  instances: Array<z.output<typeof instanceSchema>>;
  buckets: Array<z.output<typeof bucketSchema>>;
  users: Array<z.output<typeof userSchema>>;
}

async function describeTenant(
  cluster: ClusterReading,
  tenant: TenantRef,
  found: Found,
): Promise<ProvisionedTenant | undefined> {
  const { instance: name, namespace } = placeOf(tenant);
  const instance = found.instances.find(
    ({ metadata }) => metadata.name === name,
  );
  if (!instance) {
    return undefined;
  }
  const buckets = found.buckets.filter(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && spec.instance === name,
  );
  const names = new Set(buckets.map(({ metadata }) => metadata.name));
  const users = found.users.filter(
    ({ metadata, spec }) =>
      metadata.namespace === namespace && names.has(spec.bucket),
  );
  const accesses = users.map(user => ({
    user,
    record: toRecord(user, tenant),
  }));
  return {
    ref: stringifyTenantRef(tenant),
    condition: instance.status?.ready
      ? { state: 'ready' }
      : {
          state: 'reconciling',
          reason: 'WaitingForOperator',
          message: 'The manager operator has not reached the server yet',
        },
    endpoints: { inCluster: instance.spec.endpoint },
    settledBy: 'The manager operator',
    items: [
      ...buckets.map(
        ({ metadata, spec, status }): ProvisionedItem => ({
          type: 'bucket',
          name: madeOf(namespace, metadata.name),
          listed: true,
          objectLock: spec.objectLock,
          verdict: judge(status),
        }),
      ),
      ...users.map(
        ({ metadata, status }): ProvisionedItem => ({
          type: 'access',
          name: metadata.name,
          listed: true,
          policies: [madeOf(namespace, metadata.name)],
          verdict: judge(status),
        }),
      ),
    ],
    records: buckets.map(toBucketRecord),
    accesses: accesses.flatMap(({ record }) => record ?? []),
    // Their names are taken, and whose they are nobody knows.
    unreadAccesses: accesses.flatMap(({ record, user }) =>
      record ? [] : [user.metadata.name],
    ),
    unlisted: {
      reason: 'ObjectAbsent',
      message: `Namespace ${namespace} has no object of it: a later change may have taken it out`,
    },
    // New objects go where the instance is declared.
    ...(await cluster.locate(instance.metadata)),
  };
}

function toBucketRecord({
  metadata,
  spec,
}: Found['buckets'][number]): BucketRecord {
  const { annotations, name, namespace } = metadata;
  return {
    bucket: madeOf(namespace, name),
    owner: annotations[NOTES.owner],
    entity: annotations[NOTES.entity],
    purpose: annotations[NOTES.purpose],
    dataClass: annotations[NOTES.dataClass],
    versioning: spec.versioning,
    request: annotations[ANNOTATION_REQUEST],
  };
}

function toRecord(
  { metadata, spec }: Found['users'][number],
  { cluster }: TenantRef,
) {
  const { annotations, name, namespace } = metadata;
  const access = toAccess(annotations, {
    bucket: spec.bucket,
    cluster,
    name,
    namespace,
  });
  return (
    access && {
      access: name,
      // The operator makes a policy for each user, and calls it as the user.
      policy: madeOf(namespace, name),
      request: annotations[ANNOTATION_REQUEST],
      ...access,
    }
  );
}

/** The operator says `ready` once and does not take it back; the server tells the rest. */
function judge(status: Status): ProvisionerVerdict {
  const wrong = status?.conditions.find(
    ({ message, status: value }) => value === 'False' && message,
  );
  if (status?.ready) {
    return { state: 'ready', at: status.conditions[0]?.lastTransitionTime };
  }
  return wrong
    ? {
        state: 'failed',
        reason: wrong.reason ?? 'Failed',
        message: wrong.message,
        hint: 'The message is in the status of the object. The manager operator tries again every five minutes; the platform team looks at its RustFSInstance.',
        at: wrong.lastTransitionTime,
      }
    : {
        state: 'waiting',
        message: status
          ? 'The manager operator is at it'
          : 'The manager operator has not looked at it yet',
      };
}
