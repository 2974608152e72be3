import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  ClusterClient,
  CONFIG_MAPS,
  EVENTS,
  Informer,
  KeyedQueue,
  keyOf,
  KubernetesApiError,
  KubernetesObject,
  SECRETS,
  STATEFUL_SETS,
  TENANTS,
  timestamp,
} from '../kubernetes';
import { Pace, pause } from '../Pace';
import { objectsOf } from './objects';
import { reconcileTenant } from './reconcileTenant';
import { RustfsAdmin } from './RustfsAdmin';
import {
  deriveStatus,
  Outcome,
  PoolReplicas,
  saysTheSame,
  statefulSetName,
} from './status';
import {
  ItemKind,
  Refusal,
  TenantSpec,
  tenantSpecSchema,
  TenantStatus,
  tenantStatusSchema,
} from './types';

/** The operator looks again at what a person must mend; this stand-in does so sooner than the real minute. */
const BLOCKED_RETRY_MS = 10_000;

const statefulSetStatusSchema = z
  .looseObject({
    observedGeneration: z.number().optional(),
    readyReplicas: z.number().default(0),
    currentRevision: z.string().optional(),
  })
  .default({ readyReplicas: 0 });

/**
 * Does what the RustFS operator does for Tenant objects: makes their Services and StatefulSets, and once the Pods are
 * ready brings policies, users and buckets to the server. It acts on changes of the Tenant, of the Secrets and
 * ConfigMaps the Tenant names and of its StatefulSets; there is no periodic resync and no retry after a failed
 * provisioning.
 */
export class OperatorController {
  private readonly queue: KeyedQueue;
  private readonly faults = new Map<string, Refusal>();

  constructor(
    private readonly options: {
      client: ClusterClient;
      tenants: Informer;
      secrets: Informer;
      configMaps: Informer;
      statefulSets: Informer;
      /** The address of a tenant's server; undefined when it has none. */
      endpointOf: (tenant: {
        namespace: string;
        name: string;
      }) => string | undefined;
      /** Waited before a new generation is provisioned, so that a person can see it happen. */
      pace: Pace;
      signal: AbortSignal;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`Tenant ${key}`, error);
        this.queue.addAfter(key, 2_000);
      },
    );
    options.tenants.onChange((object, { deleted }) => {
      if (!deleted) {
        this.queue.add(keyOf(object));
      }
    });
    for (const informer of [
      options.secrets,
      options.configMaps,
      options.statefulSets,
    ]) {
      informer.onChange(object => this.wakeTenantsOf(object));
    }
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  /** Lets one item fail from the next run on, or not any more. */
  setItemFault(
    target: { tenantKey: string; kind: ItemKind; item: string },
    refusal: Refusal | undefined,
  ): void {
    const fault = `${target.tenantKey}/${target.kind}/${target.item}`;
    if (refusal) {
      this.faults.set(fault, refusal);
    } else {
      this.faults.delete(fault);
    }
    this.queue.add(target.tenantKey);
  }

  private wakeTenantsOf(object: KubernetesObject): void {
    const { namespace, name } = object.metadata;
    for (const tenant of this.options.tenants.list()) {
      const spec = tenantSpecSchema.safeParse(tenant.spec).data;
      if (
        tenant.metadata.namespace === namespace &&
        spec &&
        namesUsedBy(tenant, spec, object.kind).includes(name)
      ) {
        this.queue.add(keyOf(tenant));
      }
    }
  }

  private async reconcile(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const tenant = await this.options.client.get(TENANTS, namespace, name);
    if (!tenant) {
      return;
    }
    const spec = tenantSpecSchema.parse(tenant.spec);
    let status = tenantStatusSchema.parse(tenant.status ?? {});
    if (status.observedGeneration !== tenant.metadata.generation) {
      status = await this.writeStatus(tenant, status, { kind: 'started' });
      await pause(this.options.pace, this.options.signal);
    }
    const outcome = await this.run(tenant, spec, status);
    await this.writeStatus(tenant, status, outcome);
    if (outcome.kind === 'blocked') {
      this.queue.addAfter(key, BLOCKED_RETRY_MS);
    }
  }

  private async run(
    tenant: KubernetesObject,
    spec: TenantSpec,
    status: TenantStatus,
  ): Promise<Outcome> {
    const { namespace = '', name } = tenant.metadata;
    return reconcileTenant({
      tenant,
      spec,
      status,
      configMap: configMap =>
        this.options.client.get(CONFIG_MAPS, namespace, configMap),
      secret: secret => this.options.client.get(SECRETS, namespace, secret),
      makeWorkloads: async () => {
        await this.makeObjects(tenant, spec);
        return this.poolsOf(tenant, spec);
      },
      connect: root =>
        new RustfsAdmin(
          // Without an address there is nothing behind the Service: requests fail.
          this.options.endpointOf({ namespace, name }) ?? 'http://127.0.0.1:1',
          root,
        ),
      fault: (kind, item) =>
        this.faults.get(`${keyOf(tenant)}/${kind}/${item}`),
      now: timestamp(),
    });
  }

  private async makeObjects(
    tenant: KubernetesObject,
    spec: TenantSpec,
  ): Promise<void> {
    for (const object of objectsOf(tenant, spec)) {
      const type = await this.options.client.resourceOf(
        object.apiVersion,
        object.kind,
      );
      const { namespace, name } = object.metadata;
      const live =
        type && (await this.options.client.get(type, namespace, name));
      if (type && !live) {
        await this.options.client.create(type, object);
      } else if (type && object.kind === 'StatefulSet') {
        await this.options.client.mergePatch(
          type,
          { namespace, name },
          { spec: object.spec },
        );
      }
    }
  }

  private async poolsOf(
    tenant: KubernetesObject,
    spec: TenantSpec,
  ): Promise<PoolReplicas[]> {
    return Promise.all(
      spec.pools.map(async pool => {
        const statefulSet = statefulSetName(tenant.metadata.name, pool);
        const live = await this.options.client.get(
          STATEFUL_SETS,
          tenant.metadata.namespace,
          statefulSet,
        );
        const status = statefulSetStatusSchema.parse(live?.status);
        return {
          name: pool.name,
          statefulSet,
          revision: status.currentRevision,
          replicas: pool.servers,
          ready: status.readyReplicas,
          updating: status.observedGeneration !== live?.metadata.generation,
        };
      }),
    );
  }

  private async writeStatus(
    tenant: KubernetesObject,
    previous: TenantStatus,
    outcome: Outcome,
  ): Promise<TenantStatus> {
    const status = deriveStatus({
      generation: tenant.metadata.generation ?? 0,
      previous,
      outcome,
      now: timestamp(),
    });
    if (saysTheSame(previous, status)) {
      return previous;
    }
    await this.options.client.mergePatch(
      TENANTS,
      { ...tenant.metadata, subresource: 'status' },
      { status },
    );
    if (outcome.kind !== 'started') {
      await this.recordEvent(tenant, previous, status);
    }
    return status;
  }

  private async recordEvent(
    tenant: KubernetesObject,
    previous: TenantStatus,
    status: TenantStatus,
  ): Promise<void> {
    const readyOf = ({ conditions }: TenantStatus) =>
      conditions.find(c => c.type === 'Ready');
    const ready = readyOf(status);
    const before = readyOf(previous);
    if (
      !ready ||
      (before?.reason === ready.reason && before.message === ready.message)
    ) {
      return;
    }
    const { namespace = '', name, uid, resourceVersion } = tenant.metadata;
    const { apiVersion, kind } = tenant;
    try {
      await this.options.client.create(EVENTS, {
        apiVersion: EVENTS.apiVersion,
        kind: EVENTS.kind,
        metadata: {
          name: `${name}.${randomBytes(8).toString('hex')}`,
          namespace,
        },
        involvedObject: {
          apiVersion,
          kind,
          namespace,
          name,
          uid,
          resourceVersion,
        },
        type:
          ready.status === 'True' || ready.reason === 'RolloutInProgress'
            ? 'Normal'
            : 'Warning',
        reason: ready.reason,
        action: 'Reconcile',
        message: ready.message.slice(0, 1024),
        reportingComponent: 'rustfs-operator',
        reportingInstance: 'rustfs-operator-0',
        eventTime: new Date().toISOString().replace('Z', '000Z'),
      });
    } catch (error) {
      if (!(error instanceof KubernetesApiError)) {
        throw error;
      }
      // An event that cannot be written changes nothing for the Tenant.
      this.options.onError(`Event about Tenant ${keyOf(tenant)}`, error);
    }
  }
}

/** The names of objects of one kind that a Tenant refers to. */
function namesUsedBy(
  tenant: KubernetesObject,
  spec: TenantSpec,
  kind: string,
): string[] {
  switch (kind) {
    case 'Secret':
      return [
        ...(spec.credsSecret ? [spec.credsSecret.name] : []),
        ...spec.users.map(user => user.credsSecret?.name ?? user.name),
      ];
    case 'ConfigMap':
      return spec.policies.map(policy => policy.document.configMapKeyRef.name);
    default:
      return spec.pools.map(pool =>
        statefulSetName(tenant.metadata.name, pool),
      );
  }
}
