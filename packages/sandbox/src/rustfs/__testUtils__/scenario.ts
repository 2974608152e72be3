import type { RustfsFaults } from '../types';
import type {
  Call,
  ContractWorld,
  Credentials,
  Received,
} from './ContractWorld';

/** What is sent differently from the recording, because it changes from run to run. */
export type Change = Partial<Call> & {
  credentials?: Credentials;
  signedAt?: Date;
  unsignedHeaders?: Record<string, string>;
  presign?: { expiresIn: number };
};

/** One step of the story in which the recordings were made. */
export type Step =
  | {
      play: string;
      change?: (world: ContractWorld) => Change;
      /** Takes from the answer what later steps need. */
      then?: (world: ContractWorld, received: Received) => void;
      /** The answer is a map from names to values of one shape. */
      isMap?: boolean;
      /** Shown only by a server that was made to fail or that is still empty. */
      standInOnly?: boolean;
    }
  | {
      prepare: string;
      run: (world: ContractWorld) => Promise<void>;
      standInOnly?: boolean;
    };

function play(
  name: string,
  options: Omit<Extract<Step, { play: string }>, 'play'> = {},
): Step {
  return { play: name, ...options };
}

function prepare(
  what: string,
  run: (world: ContractWorld) => Promise<void>,
): Step {
  return { prepare: what, run };
}

function withFaults(faults: RustfsFaults, ...names: string[]): Step[] {
  const set = (value: RustfsFaults | undefined): Step => ({
    prepare: value
      ? `make the server fail: ${JSON.stringify(value)}`
      : 'let the server be well again',
    run: async world => world.server.setFaults?.(value),
    standInOnly: true,
  });
  return [
    set(faults),
    ...names.map(name => play(name, { standInOnly: true })),
    set(undefined),
  ];
}

function become(
  actor: string,
  accessKeyId: string,
  secretAccessKey: string,
): Step {
  return prepare(`know the secret of ${actor}`, async world => {
    world.actors.set(actor, { accessKeyId, secretAccessKey });
  });
}

function rememberTag(tag: string, as: string) {
  return (world: ContractWorld, received: Received) => {
    const value = new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(
      received.body,
    )?.[1];
    if (value === undefined) {
      throw new Error(`The answer has no ${tag}`);
    }
    world.memory.set(as, value);
  };
}

function rememberSession(world: ContractWorld, received: Received): void {
  const text = (tag: string) =>
    new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(received.body)?.[1] ?? '';
  world.actors.set('session', {
    accessKeyId: text('AccessKeyId'),
    secretAccessKey: text('SecretAccessKey').replace(/&amp;/g, '&'),
    sessionToken: text('SessionToken'),
  });
}

/** A presigned call: the query of the recording without its signature, signed anew. */
function presigned(
  actor: string,
  options: {
    expiresIn?: number;
    ageSeconds?: number;
    unsignedHeaders?: Record<string, string>;
  } = {},
) {
  return (world: ContractWorld): Change => ({
    credentials: world.actor(actor),
    query: {},
    headers: {},
    presign: { expiresIn: options.expiresIn ?? 300 },
    signedAt: new Date(Date.now() - (options.ageSeconds ?? 0) * 1000),
    unsignedHeaders: options.unsignedHeaders,
  });
}

const uploadQuery = (
  world: ContractWorld,
  extra: Record<string, string> = {},
) => ({
  query: { ...extra, uploadId: world.memory.get('uploadId') ?? '' },
});

async function put(
  world: ContractWorld,
  path: string,
  body = '',
): Promise<void> {
  await world.expectSuccess({ method: 'PUT', path, body });
}

async function letEveryoneRead(world: ContractWorld): Promise<void> {
  await world.expectSuccess({
    method: 'DELETE',
    path: '/orders-data',
    query: { publicAccessBlock: '' },
  });
  await world.expectSuccess({
    method: 'PUT',
    path: '/orders-data',
    query: { policy: '' },
    body: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: ['*'] },
          Action: ['s3:GetObject'],
          Resource: ['arn:aws:s3:::orders-data/*'],
        },
      ],
    }),
  });
}

const measured = prepare('wait until usage is measured', world =>
  world.server.measure(),
);

const startUp: Step[] = withFaults(
  { mode: 'starting' },
  'startup-admin-info',
  'startup-health-ready',
  'startup-s3-list-buckets',
  'startup-sts-assume-role',
);

const health: Step[] = [
  play('health-live'),
  play('health-head'),
  play('health-ready'),
];

const authentication: Step[] = [
  play('auth-unsigned'),
  play('auth-unknown-key'),
  play('auth-wrong-signature'),
  play('auth-wrong-service'),
  play('auth-clock-skew', {
    change: () => ({ signedAt: new Date(Date.now() - 20 * 60 * 1000) }),
  }),
  play('auth-unsigned-amz-header', {
    change: () => ({ unsignedHeaders: { 'x-amz-extra': 'added on the way' } }),
  }),
  play('auth-bad-session-token', {
    change: world => ({
      credentials: { ...world.actor('root'), sessionToken: 'made-up' },
    }),
  }),
];

const emptyServer: Step[] = [
  play('admin-info-empty'),
  play('admin-accountinfo-empty'),
  play('admin-scanner-status'),
  play('admin-unknown-route-v3'),
  play('admin-unknown-route-v4'),
  play('iam-list-users-empty'),
  play('iam-list-canned-policies-builtin', { isMap: true }),
];

const users: Step[] = [
  play('iam-add-user'),
  become('user-without-policy', 'orders-app', '<secret-of-orders-app>'),
  play('iam-add-user-short-secret'),
  play('iam-add-user-short-access-key'),
  play('iam-add-user-missing-status'),
  play('iam-user-info-absent'),
  play('iam-user-info-no-policy'),
  play('iam-self-user-info-without-policy'),
  play('s3-list-buckets-nothing-visible'),
  play('iam-remove-user-absent'),
  play('iam-set-user-status-invalid'),
  play('iam-set-user-status-disable'),
  become('disabled-user', 'orders-app', '<secret-of-orders-app>'),
  play('auth-disabled-user'),
  prepare('enable the user again', world =>
    world.admin('PUT', 'set-user-status', {
      accessKey: 'orders-app',
      status: 'enabled',
    }),
  ),
  play('iam-set-user-secret-key-absent'),
  play('iam-set-user-secret-key-short'),
  play('iam-set-user-secret-key'),
  become('user', 'orders-app', '<secret-of-orders-app-2>'),
];

const groups: Step[] = [
  play('iam-group-absent'),
  play('iam-group-add-unknown-member'),
  play('iam-group-add-members'),
  play('iam-group'),
  play('iam-groups'),
  play('iam-group-set-status'),
  play('iam-group-delete-not-empty'),
  prepare('take the member out of the group', world =>
    world.admin(
      'PUT',
      'update-group-members',
      {},
      {
        group: 'team-orders',
        members: ['orders-app'],
        groupStatus: 'enabled',
        isRemove: true,
      },
    ),
  ),
  play('iam-group-delete'),
];

const policies: Step[] = [
  play('iam-add-policy-bad-json'),
  play('iam-add-policy-wildcard-action'),
  play('iam-add-policy-bare-star-resource'),
  play('iam-add-policy-no-version'),
  play('iam-add-policy-empty-statement'),
  play('iam-add-canned-policy'),
  play('iam-info-canned-policy'),
  play('iam-info-canned-policy-absent'),
  play('iam-attach-policy-unknown-policy'),
  play('iam-attach-policy-unknown-user'),
  play('iam-attach-policy'),
  play('iam-attach-policy-again'),
  play('iam-user-info'),
  play('iam-self-user-info'),
  play('iam-policy-entities'),
  play('iam-policy-entities-by-policy'),
  play('iam-policy-entities-by-user'),
  play('iam-policy-entities-unknown-user'),
  play('iam-set-policy-missing-isgroup'),
  play('iam-set-policy-unknown-policy'),
  play('iam-set-policy'),
  play('iam-remove-policy-in-use'),
  prepare('attach a second policy', async world => {
    await world.admin(
      'PUT',
      'add-canned-policy',
      { name: 'temp-policy' },
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['s3:GetObject'],
            Resource: ['arn:aws:s3:::*'],
          },
        ],
      },
    );
    await world.admin(
      'POST',
      'idp/builtin/policy/attach',
      {},
      {
        policies: ['temp-policy'],
        user: 'orders-app',
      },
    );
  }),
  play('iam-detach-policy'),
  play('iam-remove-policy'),
  play('iam-remove-policy-absent'),
  play('iam-list-users', { isMap: true }),
  play('iam-list-users-unknown-query'),
];

const portalIdentities: Step[] = [
  play('iam-add-policy-portal-reader'),
  play('iam-add-policy-portal-provisioner'),
  prepare('make the identities of the portal', async world => {
    for (const name of ['portal-reader', 'portal-provisioner']) {
      const secretKey = `secret-of-${name}`;
      await world.admin(
        'PUT',
        'add-user',
        { accessKey: name },
        {
          secretKey,
          status: 'enabled',
        },
      );
      await world.admin(
        'POST',
        'idp/builtin/policy/attach',
        {},
        {
          policies: [name],
          user: name,
        },
      );
    }
  }),
  become('readonly', 'portal-reader', 'secret-of-portal-reader'),
  become('provisioner', 'portal-provisioner', 'secret-of-portal-provisioner'),
  play('iam-list-canned-policies', { isMap: true }),
  play('iam-add-user-denied'),
  play('iam-add-user-as-provisioner'),
  play('iam-attach-policy-as-provisioner'),
  play('iam-remove-user'),
  play('admin-info-denied'),
];

const bucketsAndQuota: Step[] = [
  play('s3-create-bucket-invalid-name'),
  play('s3-create-bucket-denied'),
  play('s3-create-bucket'),
  play('s3-create-bucket-exists-as-root'),
  play('s3-create-bucket-as-provisioner'),
  play('s3-create-bucket-exists-as-provisioner'),
  play('quota-set'),
  play('quota-stats-unmeasured'),
  play('quota-get-compat-unmeasured'),
  play('s3-put-object-quota-unmeasured'),
  play('admin-accountinfo-unmeasured-bucket'),
  play('quota-set-absent-bucket'),
  measured,
  play('s3-put-object'),
  play('quota-stats'),
  play('s3-put-object-quota-exceeded'),
  play('quota-set-denied'),
  play('quota-clear'),
  play('quota-set-empty-body-clears'),
  prepare('set a quota that leaves room', world =>
    world.admin('PUT', 'quota/orders-data', {}, { quota: 100_000_000 }),
  ),
  play('quota-get-compat'),
];

const bucketConfiguration: Step[] = [
  play('s3-head-bucket'),
  play('s3-head-bucket-absent'),
  play('s3-head-bucket-denied'),
  play('s3-delete-bucket-absent'),
  play('s3-delete-bucket-not-empty'),
  play('s3-get-location-default'),
  play('s3-get-notification-default'),
  play('s3-get-cors-absent'),
  play('s3-put-cors'),
  play('s3-get-config-absent-bucket'),
  play('s3-get-lifecycle-absent'),
  play('s3-put-lifecycle-unknown-tier'),
  play('s3-put-lifecycle'),
  play('s3-get-lifecycle'),
  play('s3-get-tagging-absent'),
  play('s3-put-tagging'),
  play('s3-get-tagging'),
  play('s3-get-replication-absent'),
  play('s3-get-object-lock-absent'),
  play('s3-get-object-lock'),
  play('s3-put-object-lock-default-retention'),
  play('s3-put-versioning-suspend-locked'),
  play('s3-get-policy-absent'),
  play('s3-get-policystatus-default'),
  play('s3-put-policy-invalid-action'),
  play('s3-put-policy-public-objects'),
  play('s3-get-policystatus-public-objects'),
  play('s3-put-policy-public-list'),
  play('s3-get-policystatus-public-list'),
  play('s3-delete-policy'),
  play('s3-get-publicaccessblock-absent'),
  play('s3-put-publicaccessblock'),
  play('s3-get-publicaccessblock'),
  play('s3-put-policy-blocked'),
  prepare('make a bucket for encryption', world => put(world, '/enc-demo')),
  play('s3-list-buckets'),
  play('s3-list-buckets-max-buckets'),
  play('s3-list-buckets-readonly'),
  play('s3-list-buckets-filtered'),
  play('s3-get-encryption-absent'),
  play('s3-put-encryption-aes256'),
  play('s3-get-encryption'),
  play('s3-put-object-sse-s3-without-key'),
  play('s3-delete-encryption'),
  play('s3-delete-bucket'),
];

const objects: Step[] = [
  play('s3-get-object-absent'),
  play('s3-head-object-absent'),
  play('s3-get-object-denied'),
  play('s3-get-object-as-provisioner-denied'),
  prepare('write some objects', async world => {
    for (const key of ['in/c.txt', 'logs/d.txt', 'logs/e.txt']) {
      await put(world, `/orders-data/${key}`, 'c'.repeat(100));
    }
  }),
  play('s3-list-objects-v2-page-1', {
    then: rememberTag('NextContinuationToken', 'token'),
  }),
  play('s3-list-objects-v2-page-2', {
    change: world => ({
      query: {
        'list-type': '2',
        'max-keys': '2',
        'continuation-token': world.memory.get('token') ?? '',
      },
    }),
  }),
  play('s3-list-objects-v2-delimiter'),
  play('s3-list-objects-v2-absent-bucket'),
  play('s3-get-versioning-default'),
  play('s3-put-versioning'),
  play('s3-get-versioning'),
  prepare('let everyone read objects', world => letEveryoneRead(world)),
  play('s3-get-object-anonymous-public'),
  prepare('let nobody read them any more', async world => {
    await world.expectSuccess({
      method: 'DELETE',
      path: '/orders-data',
      query: { policy: '' },
    });
  }),
  play('s3-list-versions'),
  play('s3-list-versions-denied'),
  play('s3-presigned-get', { change: presigned('user') }),
  play('s3-presigned-denied', { change: presigned('readonly') }),
  play('s3-presigned-expired', {
    change: presigned('user', { expiresIn: 1, ageSeconds: 5 }),
  }),
  play('s3-presigned-put', { change: presigned('user') }),
  play('s3-presigned-put-unsigned-header', {
    change: presigned('user', { unsignedHeaders: { 'x-amz-tagging': 'a=b' } }),
  }),
  play('s3-multipart-create', { then: rememberTag('UploadId', 'uploadId') }),
  play('s3-multipart-part-1', {
    change: world => uploadQuery(world, { partNumber: '1' }),
    then: (world, received) =>
      world.memory.set('part1', received.headers.etag ?? ''),
  }),
  play('s3-multipart-part-2', {
    change: world => uploadQuery(world, { partNumber: '2' }),
    then: (world, received) =>
      world.memory.set('part2', received.headers.etag ?? ''),
  }),
  play('s3-multipart-complete', {
    change: world => ({
      ...uploadQuery(world),
      body: `<CompleteMultipartUpload>${[1, 2]
        .map(
          number =>
            `<Part><PartNumber>${number}</PartNumber><ETag>${world.memory.get(
              `part${number}`,
            )}</ETag></Part>`,
        )
        .join('')}</CompleteMultipartUpload>`,
    }),
  }),
  play('s3-multipart-abort-absent'),
];

const accessKeys: Step[] = [
  play('sa-add-for-other-user-denied'),
  play('sa-add-own-denied'),
  play('sa-add-unknown-user'),
  play('sa-add-access-key-only'),
  play('sa-add-short-secret'),
  play('sa-add-generated'),
  play('sa-add-named-with-policy'),
  play('sa-add-duplicate'),
  play('sa-info'),
  play('sa-info-absent'),
  play('sa-list-of-user'),
  play('sa-list-own'),
  play('sa-update-absent'),
  play('sa-update-disable'),
  play('sa-list-of-user-disabled'),
];

const sessions: Step[] = [
  play('sts-assume-role', { then: rememberSession }),
  play('sts-assume-role-session-policy', { then: rememberSession }),
  play('sts-assume-role-unknown-key'),
  play('sts-assume-role-with-session-refused'),
  play('sts-bad-version'),
  play('sts-unsupported-action'),
  play('sts-bad-session-policy'),
  play('sts-session-allowed'),
  play('sts-session-policy-denies'),
  play('sts-session-admin-denied'),
  play('sts-session-without-token', {
    change: world => ({
      credentials: { ...world.actor('session'), sessionToken: undefined },
    }),
  }),
  play('sa-delete'),
  play('sa-delete-absent'),
];

const usage: Step[] = [
  measured,
  play('admin-accountinfo-readonly'),
  play('admin-accountinfo-user'),
  play('admin-info'),
];

const rotation: Step[] = [
  play('iam-set-user-secret-key-revokes-sessions'),
  play('sts-session-after-secret-rotation'),
];

const drives: Step[] = [
  ...withFaults(
    { offlineDrives: 1 },
    'admin-info-one-drive-lost',
    'health-ready-one-drive-lost',
  ),
];

/**
 * The recordings in an order in which each finds the state it needs. It begins on an empty server and leaves users,
 * policies and buckets behind.
 */
export const SCENARIO: Step[] = [
  ...startUp,
  ...health,
  ...authentication,
  ...emptyServer,
  ...users,
  ...groups,
  ...policies,
  ...portalIdentities,
  ...bucketsAndQuota,
  ...bucketConfiguration,
  ...objects,
  ...accessKeys,
  ...sessions,
  ...usage,
  ...rotation,
  ...drives,
];
