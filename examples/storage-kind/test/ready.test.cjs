// Runs after the build, beside the packed packages: see scripts/packages.mjs. Only the sandbox comes from the repository.
const assert = require('node:assert/strict');
const { mkdtemp, readFile, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { after, before, test } = require('node:test');
const { setTimeout: sleep } = require('node:timers/promises');
const {
  coreServices,
  createServiceFactory,
} = require('@backstage/backend-plugin-api');
const {
  mockServices,
  startTestBackend,
} = require('@backstage/backend-test-utils');
const {
  catalogServiceMock,
} = require('@backstage/plugin-catalog-node/testUtils');
const { notificationService } = require('@backstage/plugin-notifications-node');
const { signalsServiceRef } = require('@backstage/plugin-signals-node');
const { startSandbox } = require('@rustfs-portal/sandbox');
const { parse } = require('yaml');

const TENANT = 'atlas/storage/apps';
const ENTITY = 'component:default/invoices';
const scheduler = mockServices.scheduler();
let stateDir;
let sandbox;
let backend;

/** A service that others would bring, and nobody needs here. */
const silent = (service, api) =>
  createServiceFactory({ service, deps: {}, factory: () => api });

before(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'storage-kind-'));
  sandbox = await startSandbox({ stateDir, world: 'small', speed: 'fast' });
  const { rustfs } = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
  backend = await startTestBackend({
    features: [
      require('@rustfs-portal/plugin-rustfs-backend').default,
      require('..').default,
      mockServices.rootConfig.factory({ data: { rustfs } }),
      catalogServiceMock.factory({
        entities: [
          {
            apiVersion: 'backstage.io/v1alpha1',
            kind: 'Component',
            metadata: { name: 'invoices', namespace: 'default' },
            relations: [
              { type: 'ownedBy', targetRef: 'group:default/checkout' },
            ],
          },
        ],
      }),
      silent(coreServices.scheduler, scheduler),
      silent(notificationService, { send: async () => {} }),
      silent(signalsServiceRef, { publish: async () => {} }),
    ],
  });
});

after(async () => {
  await backend?.stop();
  await sandbox?.stop();
  await rm(stateDir, { recursive: true, force: true });
});

async function call(method, path, body, headers = {}) {
  const response = await fetch(
    `http://localhost:${backend.server.port()}/api/rustfs${path}`,
    {
      method,
      headers: {
        Authorization: 'Bearer mock-user-token',
        'Content-Type': 'application/json',
        ...headers,
      },
      body: body && JSON.stringify(body),
    },
  );
  return { status: response.status, body: await response.json() };
}

const asked = {
  kind: 'acme-archive',
  entityRef: ENTITY,
  tenant: TENANT,
  team: 'checkout',
  year: 2026,
  purpose: 'Closed books',
};

test('the form of the module is offered beside those of the portal', async () => {
  const { body } = await call(
    'GET',
    '/entities/component/default/invoices/request-options',
  );
  const ids = body.secretForms.map(({ id }) => id);
  assert.ok(ids.includes('acme-rclone'));
  assert.ok(ids.includes('aws'));
});

test('what cannot be is answered in the words of the kind', async () => {
  const wrong = await call('POST', '/requests/preview', {
    ...asked,
    team: 'media',
  });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.error.message, /archives are named after the owner/);
});

test('a request of the kind becomes ready', async () => {
  const { body: request, status } = await call('POST', '/requests', asked, {
    'Idempotency-Key': 'archive-2026',
  });
  assert.equal(status, 201, JSON.stringify(request));
  assert.equal(request.kind, 'acme-archive');
  assert.equal(request.state, 'proposed');

  const { url, users } = sandbox.connections.forge;
  const merged = await fetch(
    `${url}/api/v1/repos/acme/atlas/pulls/${request.pullRequest.number}/merge`,
    {
      method: 'POST',
      headers: {
        Authorization: `token ${users.carla.token}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ Do: 'merge' }),
    },
  );
  assert.equal(merged.status, 200);

  let current;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    await scheduler.triggerTask('rustfs-follow-requests');
    ({ body: current } = await call('GET', `/requests/${request.id}`));
    if (current.state === 'ready') {
      break;
    }
    await sleep(200);
  }
  assert.equal(current.state, 'ready', JSON.stringify(current, undefined, 2));

  const { body: storage } = await call(
    'GET',
    '/entities/component/default/invoices/storage',
  );
  const bucket = storage.buckets.find(
    ({ name }) => name === 'checkout-archive-2026',
  );
  assert.equal(bucket.live.objectLock, true);
});
