import {
  AccessScope,
  accessCreateSchema,
  AccessRequest,
  accessRequestPermission,
  bucketRequestPermission,
  buildAccessPolicy,
  scopeCovers,
  scopeNames,
  secretFormKeys,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  FieldIssue,
  KindContext,
  RequestClaim,
  RequestKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { checkNewBucket, toBucketDeclared } from './bucketCreate';
import { describeBucket } from './describeBucket';
import { accessKeyIdOf, secretNameOf } from './names';
import { createInputError } from '../../errors';
import { fitsName } from '../../fitsName';
import { parseInput } from '../../parseInput';

/** Longer policies are refused: servers and consoles have limits, and nobody can review them. */
const MAX_POLICY_BYTES = 10_240;

/** Access to buckets, with the key for a workload; its new buckets with it. */
export const accessCreate: RequestKind<AccessRequest> = {
  id: 'access-create',
  permission: accessRequestPermission,
  // Who may not ask for buckets does not get them by asking for access to them.
  alsoNeeds: ({ newBuckets }) =>
    newBuckets.length ? [bucketRequestPermission] : [],
  edits: 'new',
  parse: input => parseInput(accessCreateSchema, input),
  subject: input => ({
    type: 'access',
    tenant: input.tenant,
    name: input.access,
  }),
  claims: input => [
    { type: 'access', name: input.access, holds: 'existence', field: 'access' },
    // Two would write the same file.
    {
      type: 'secret',
      name: secretNameOf({ ...input.consumer, cluster: clusterOf(input) }),
      holds: 'existence',
      field: 'consumer.secret',
    },
    // New ones are held whether the scope names them or covers them by a pattern.
    ...input.newBuckets.map(
      ({ bucket }, index): RequestClaim => ({
        type: 'bucket',
        name: bucket,
        holds: 'existence',
        field: `newBuckets.${index}.bucket`,
      }),
    ),
    ...namesIn(input.scope)
      .filter(name => !isNew(input, name))
      .map(
        (name): RequestClaim => ({
          type: 'bucket',
          name,
          holds: 'use',
          field: 'scope',
        }),
      ),
  ],
  check: (input, context) => [
    ...checkAllowed(input, context),
    ...checkScope(input, context),
    ...checkRoom(context),
    ...checkConsumer(input, context),
    ...checkPolicy(input, context),
    ...input.newBuckets.flatMap((bucket, index) =>
      checkNewBucket(
        toBucketRequest(input, bucket),
        context,
        `newBuckets.${index}.bucket`,
      ),
    ),
  ],
  foreign(input, { owner, tenant: known }) {
    const byOwner = new Map<string, string[]>();
    for (const bucket of known.buckets) {
      if (
        bucket.owner &&
        bucket.owner !== owner &&
        scopeCovers(input.scope, bucket.name)
      ) {
        byOwner.set(bucket.owner, [
          ...(byOwner.get(bucket.owner) ?? []),
          bucket.name,
        ]);
      }
    }
    return [...byOwner].map(([other, buckets]) => ({ owner: other, buckets }));
  },
  limits: ({ mode, newBuckets }) => ({
    quotas: newBuckets.map(({ quota }) => quota),
    accessModes: [mode],
  }),
  consumer: ({ consumer, tenant }) => ({
    ...consumer,
    cluster: clusterOf({ consumer, tenant }),
  }),
  declarations(request, _, { forms, modes }) {
    const { input, owner, entityRef: entity } = request;
    const mode = modes.find(({ id }) => id === input.mode);
    const form = forms.find(({ id }) => id === input.consumer.form);
    if (!mode || !form) {
      throw createInputError([
        mode
          ? {
              field: 'consumer.form',
              message: `There is no form ${input.consumer.form} any more`,
            }
          : {
              field: 'mode',
              message: `There is no access mode ${input.mode} any more`,
            },
      ]);
    }
    return [
      ...input.newBuckets.map(bucket =>
        toBucketDeclared(toBucketRequest(input, bucket), {
          owner,
          entityRef: entity,
        }),
      ),
      {
        type: 'access',
        name: input.access,
        owner,
        entity,
        purpose: input.purpose,
        scope: input.scope,
        mode: input.mode,
        policy: buildAccessPolicy(input.scope, mode.actions),
        accessKeyId: accessKeyIdOf(request.id),
        consumer: {
          ...input.consumer,
          cluster: clusterOf(input),
        },
        consumerKeys: secretFormKeys(form, input.consumer),
        state: 'active',
        createdAt: request.createdAt,
      },
    ];
  },
  subjects: input => [
    ...input.newBuckets.map(({ bucket }) => ({
      type: 'bucket' as const,
      tenant: input.tenant,
      name: bucket,
    })),
    { type: 'access', tenant: input.tenant, name: input.access },
  ],
  words({ input }) {
    const reach = describeScope(input.scope);
    const { consumer } = input;
    return {
      title: `Give ${input.access} access to ${reach} on ${input.tenant}`,
      summary: `Makes a key with access to \`${reach}\` on tenant \`${
        input.tenant
      }\`${
        input.newBuckets.length
          ? ` and adds ${list(
              input.newBuckets.map(({ bucket }) => `bucket \`${bucket}\``),
            )}`
          : ''
      }.`,
      facts: [
        ['Purpose', input.purpose],
        ['Access', input.access],
        ['Reaches', reach],
        ['Mode', input.mode],
        ['Secret', `${consumer.namespace}/${consumer.secret}`],
        ...input.newBuckets.flatMap(bucket =>
          describeBucket(bucket).map(([name, value]): [string, string] => [
            `${bucket.bucket} ${name.toLowerCase()}`,
            value,
          ]),
        ),
      ],
      ready:
        'The key works: the server has its user, enabled and with exactly this policy',
      notes: [],
    };
  },
};

function checkAllowed(
  input: AccessRequest,
  { owner, guardrails, modes, tenant: known }: KindContext,
): FieldIssue[] {
  if (!guardrails.allow) {
    return [
      {
        field: 'tenant',
        message: `${owner} may not ask for access on ${known.ref}: choose a tenant that the form offers, or ask the platform team to allow it`,
      },
    ];
  }
  const offered = modes.filter(({ id }) => guardrails.accessModes.includes(id));
  const issues: FieldIssue[] = [];
  if (!offered.some(({ id }) => id === input.mode)) {
    issues.push({
      field: 'mode',
      message: offered.length
        ? `${input.mode} cannot be asked for on ${
            known.ref
          }; choose one of ${offered.map(({ id }) => id).join(', ')}`
        : `No access can be asked for on ${known.ref}: the platform team allows modes in rustfs.guardrails (accessModes)`,
    });
  }
  if (known.accesses.some(({ access }) => access === input.access)) {
    issues.push({
      field: 'access',
      message: `There is an access ${input.access} on ${known.ref} already; choose another name`,
      isTaken: true,
    });
  }
  return issues;
}

function checkScope(
  { scope, ...input }: AccessRequest,
  { owner, ownsPattern, tenant: known }: KindContext,
): FieldIssue[] {
  if (scope.type === 'pattern') {
    const others = known.buckets.filter(
      bucket => scopeCovers(scope, bucket.name) && bucket.owner !== owner,
    );
    if (ownsPattern(scope.pattern) && others.length === 0) {
      return [];
    }
    return [
      {
        field: 'scope',
        message: `Names like ${scope.pattern} are not ${owner}'s alone on ${known.ref}: name the buckets, or ask the platform team for a name pattern that gives them to nobody else`,
      },
    ];
  }
  return namesIn(scope)
    .filter(name => !input.newBuckets.some(({ bucket }) => bucket === name))
    .flatMap((name): FieldIssue[] => {
      const bucket = known.buckets.find(candidate => candidate.name === name);
      if (!bucket) {
        return [
          {
            field: 'scope',
            message: `There is no bucket ${name} on ${known.ref}; choose one that is there, or ask for it together with the access`,
          },
        ];
      }
      if (bucket.isUnread) {
        return [
          {
            field: 'scope',
            message: `Whose ${name} is cannot be told, so nobody can agree: its bucket record in Git cannot be read, and the platform team mends it first`,
          },
        ];
      }
      return bucket.owner
        ? []
        : [
            {
              field: 'scope',
              message: `Nobody is recorded as the owner of ${name}, so nobody can agree; the platform team adds a bucket record first`,
            },
          ];
    });
}

/** The Tenant takes so many users and policies, and each access wants one of each. */
function checkRoom({ tenant: known }: KindContext): FieldIssue[] {
  return (['users', 'policies'] as const).flatMap(name => {
    const room = known[name];
    return room && room.declared >= room.limit
      ? [
          {
            field: 'tenant',
            message: `${known.ref} has ${room.declared} ${name}, and takes at most ${room.limit}: end an access that is not needed any more, or choose another tenant`,
          },
        ]
      : [];
  });
}

function checkConsumer(
  input: AccessRequest,
  context: KindContext,
): FieldIssue[] {
  const { consumer } = input;
  const { clusters, forms, guardrails, owner } = context;
  const issues: FieldIssue[] = [];
  const add = (field: string, message: string) =>
    issues.push({ field: `consumer.${field}`, message });
  const cluster = clusterOf(input);
  if (!clusters.includes(cluster)) {
    add(
      'cluster',
      `The portal knows no cluster ${cluster}; choose one of ${clusters.join(
        ', ',
      )}`,
    );
  } else if (
    !context.takesSecrets({ cluster, namespace: consumer.namespace })
  ) {
    add(
      'cluster',
      `Nobody has said where Secrets for namespace ${
        consumer.namespace
      } of ${cluster} are declared: choose a workload in ${
        input.tenant.split('/')[0]
      }, or ask the platform team to add it to rustfs.consumers`,
    );
  }
  if (!guardrails.namespaces.some(p => fitsName(consumer.namespace, p))) {
    add(
      'namespace',
      guardrails.namespaces.length
        ? `${owner} may have Secrets in ${guardrails.namespaces.join(
            ', ',
          )}, not in ${consumer.namespace}`
        : `The guardrails give ${owner} no namespace for Secrets; the platform team adds it to rustfs.guardrails (namespaces)`,
    );
  }
  const form = forms.find(({ id }) => id === consumer.form);
  const offered = forms.filter(
    ({ id }) => guardrails.secretForms?.includes(id) ?? true,
  );
  if (!form || !offered.includes(form)) {
    add(
      'form',
      `There is no form ${consumer.form} here; choose one of ${offered
        .map(({ id }) => id)
        .join(', ')}`,
    );
  } else {
    for (const key of Object.keys(consumer.names ?? {})) {
      if (!(key in form.entries)) {
        add(
          'names',
          `The form ${form.id} has no key ${key}; it has ${Object.keys(
            form.entries,
          ).join(', ')}`,
        );
      }
    }
    const keys = secretFormKeys(form, consumer);
    const twice = keys.find((key, index) => keys.indexOf(key) < index);
    if (twice) {
      add('names', `Two values cannot both be called ${twice}`);
    }
  }
  const same = context.secrets.find(
    other =>
      other.cluster === cluster &&
      other.namespace === consumer.namespace &&
      other.secret === consumer.secret,
  );
  if (same) {
    add(
      'secret',
      same.owner === owner
        ? `Secret ${consumer.secret} in ${consumer.namespace} is that of access ${same.access} on ${same.tenant}; choose another name`
        : `There is a Secret ${consumer.secret} in ${consumer.namespace} already; choose another name`,
    );
  }
  return issues;
}

function checkPolicy(
  { mode: id, scope }: AccessRequest,
  { modes }: KindContext,
): FieldIssue[] {
  const mode = modes.find(candidate => candidate.id === id);
  const size = mode
    ? JSON.stringify(buildAccessPolicy(scope, mode.actions)).length
    : 0;
  return size > MAX_POLICY_BYTES
    ? [
        {
          field: 'scope',
          message: `The policy would be ${size} bytes long, and may be ${MAX_POLICY_BYTES}; name fewer buckets, or a name pattern`,
        },
      ]
    : [];
}

function toBucketRequest(
  input: Pick<AccessRequest, 'entityRef' | 'tenant' | 'purpose'>,
  bucket: AccessRequest['newBuckets'][number],
) {
  const { entityRef: entity, tenant: ref, purpose } = input;
  return { ...bucket, entityRef: entity, tenant: ref, purpose };
}

function clusterOf({
  consumer,
  tenant,
}: Pick<AccessRequest, 'consumer' | 'tenant'>): string {
  return consumer.cluster ?? tenant.split('/')[0];
}

function isNew({ newBuckets }: AccessRequest, name: string): boolean {
  return newBuckets.some(({ bucket }) => bucket === name);
}

/** The buckets that a scope names; a pattern names none. */
function namesIn(scope: AccessScope): string[] {
  return scope.type === 'pattern' ? [] : scopeNames(scope);
}

function describeScope(scope: AccessScope): string {
  return scope.type === 'prefix'
    ? `${scope.bucket}/${scope.prefix}`
    : list(scopeNames(scope));
}

function list(names: string[]): string {
  return names.join(', ');
}
