// Runs after the build, beside the packed packages: see scripts/packages.mjs. On cluster `atlas` the manager operator is
// installed, and namespace `checkout` declares its storage for RustFSInstance `objects`.
const assert = require('node:assert/strict');
const { mkdtemp, readFile, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, test } = require('node:test');
const { startRustfsServer } = require('@rustfs-portal/sandbox');
const { parse, stringify } = require('yaml');
const { ENTITY, Portal } = require('../../support/portal.cjs');
const { CUSTOM_KINDS, ManagerOperator } = require('./managerOperator.cjs');

const TENANT = 'atlas/checkout/objects';
const ROOT = { accessKey: 'root-of-objects', secretKey: 'root-secret-key' };

let operator;
let portal;
let server;
let dataDir;

const repository = [
  [
    'clusters/atlas/flux-system/checkout.yaml',
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'checkout', namespace: 'flux-system' },
      spec: {
        interval: '10m',
        prune: true,
        path: './clusters/atlas/checkout',
        sourceRef: { kind: 'GitRepository', name: 'gitops' },
      },
    },
  ],
  [
    'clusters/atlas/checkout/namespace.yaml',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'checkout' } },
  ],
  [
    'clusters/atlas/checkout/instance.yaml',
    {
      apiVersion: 'rustfs.badhouseplants.net/v1beta1',
      kind: 'RustFSInstance',
      metadata: { name: 'objects' },
      spec: {
        endpoint: 'http://objects.checkout.svc:9000',
        credentialsSecret: { namespace: 'checkout', name: 'objects-root' },
      },
    },
  ],
];

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'rustfs-objects-'));
  server = await startRustfsServer({
    dataDir,
    rootAccessKey: ROOT.accessKey,
    rootSecretKey: ROOT.secretKey,
  });
  portal = await Portal.start({
    features: [
      require('@rustfs-portal/plugin-rustfs-backend').default,
      require('..').default,
    ],
    sandbox: { world: 'empty', customKinds: CUSTOM_KINDS },
    configure: async config => ({
      ...config,
      tenants: [
        {
          ref: TENANT,
          endpoint: server.endpoint,
          layout: 'manager-operator',
          accessKeyId: ROOT.accessKey,
          secretAccessKey: ROOT.secretKey,
        },
      ],
      accessModes: [
        {
          id: 'fetch',
          title: 'Fetch',
          description: 'read objects whose names are known',
          actions: {
            bucket: ['s3:GetBucketLocation', 's3:GetBucketQuota'],
            object: ['s3:GetObject'],
          },
        },
      ],
      guardrails: [
        {
          owners: ['group:default/checkout'],
          accessModes: ['read', 'fetch'],
          namespaces: ['checkout'],
        },
      ],
    }),
  });
  const { connections, kubernetes } = portal.sandbox;
  const { users } = parse(
    await readFile(connections.kubernetes[0].kubeconfig, 'utf8'),
  );
  operator = new ManagerOperator({
    api: kubernetes.atlas.url,
    root: ROOT,
    server: server.endpoint,
    token: users[0].user.token,
  });
  await portal.callForge('POST', '/contents', {
    branch: 'main',
    message: 'Storage of checkout',
    files: repository.map(([path, object]) => ({
      operation: 'create',
      path,
      content: Buffer.from(stringify(object)).toString('base64'),
    })),
  });
  // Flux fetches and applies it.
  await portal.until(async () => (await operator.reconcile()) > 0);
});

after(async () => {
  await portal?.stop();
  await server?.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const bucket = {
  kind: 'bucket-create',
  entityRef: ENTITY,
  tenant: TENANT,
  bucket: 'checkout-invoices',
  purpose: 'Invoices as PDF: ${kept} as written',
  dataClass: 'internal',
  versioning: true,
};

const access = {
  kind: 'access-create',
  entityRef: ENTITY,
  tenant: TENANT,
  access: 'reader',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'fetch',
  consumer: {
    namespace: 'checkout',
    secret: 'reader-bucket-creds',
    form: 'manager-operator',
  },
  purpose: 'Shows invoices',
};

const refusals = [
  [
    'a quota, for which the object has no field',
    { ...bucket, quota: '1Gi' },
    /RustFSBucket has no field for a quota.*leave the quota out/,
  ],
  [
    'a name that the operator would not give',
    { ...bucket, bucket: 'invoices' },
    /begins the name of every bucket.*checkout-invoices/,
  ],
];

for (const [what, asked, words] of refusals) {
  test(`${what} is refused in words`, async () => {
    const { body, status } = await portal.call(
      'POST',
      '/requests/preview',
      asked,
    );
    assert.equal(status, 400, JSON.stringify(body));
    assert.match(body.error.message, words);
  });
}

test('a bucket is one file with one object, and becomes ready', async () => {
  const { body: preview } = await portal.call(
    'POST',
    '/requests/preview',
    bucket,
  );
  assert.deepEqual(
    preview.files.map(({ path }) => path),
    ['clusters/atlas/checkout/rustfsbuckets/invoices.rustfsbucket.yaml'],
  );
  const request = await portal.askAndMerge(bucket, 'invoices');

  // Nobody has told the operator yet.
  const waiting = await portal.follow(request.id, {
    until: ({ waitingFor }) => /manager operator/.test(waitingFor),
  });
  assert.equal(
    waiting.waitingFor,
    'The manager operator has not looked at it yet',
  );
  const ended = await portal.follow(request.id, {
    meanwhile: () => operator.reconcile(),
  });
  assert.equal(ended.state, 'ready', JSON.stringify(ended, undefined, 2));

  const { body: storage } = await portal.call(
    'GET',
    '/entities/component/default/invoices/storage',
  );
  const [found] = storage.buckets;
  assert.equal(found.name, 'checkout-invoices');
  assert.equal(found.state, 'ready');
  assert.equal(found.live.versioning, 'enabled');
  assert.equal(found.declared.purpose, bucket.purpose);
  assert.deepEqual(found.drift, []);
});

test('a mode that no policy of the operator is like is refused in words', async () => {
  const { body, status } = await portal.call('POST', '/requests/preview', {
    ...access,
    mode: 'read',
  });
  assert.equal(status, 400, JSON.stringify(body));
  assert.match(body.error.message, /readOnly cannot list/);
});

test('an access becomes ready, without a Secret in Git', async () => {
  const request = await portal.askAndMerge(access, 'reader');
  const ended = await portal.follow(request.id, {
    meanwhile: () => operator.reconcile(),
  });
  assert.equal(ended.state, 'ready', JSON.stringify(ended, undefined, 2));

  const { body: storage } = await portal.call(
    'GET',
    '/entities/component/default/invoices/storage',
  );
  const [found] = storage.accesses;
  assert.equal(found.name, 'reader');
  assert.equal(found.state, 'ready');
  assert.deepEqual(found.drift, []);
});

test('an access ends by its object alone, and the portal says so', async () => {
  const { body, status } = await portal.call('POST', '/requests/preview', {
    kind: 'access-revoke',
    entityRef: ENTITY,
    tenant: TENANT,
    access: 'reader',
    purpose: 'Not needed any more',
  });
  assert.equal(status, 400, JSON.stringify(body));
  assert.match(
    body.error.message,
    /take the RustFSBucketUser reader out of Git/,
  );
});
