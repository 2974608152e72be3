// Runs after the build, beside the packed packages: see scripts/packages.mjs.
const assert = require('node:assert/strict');
const { after, before, test } = require('node:test');
const { ENTITY, Portal } = require('../../support/portal.cjs');

const asked = {
  kind: 'acme-archive',
  entityRef: ENTITY,
  tenant: 'atlas/storage/apps',
  team: 'checkout',
  year: 2026,
  purpose: 'Closed books',
};
let portal;

before(async () => {
  portal = await Portal.start({
    features: [
      require('@rustfs-portal/plugin-rustfs-backend').default,
      require('..').default,
    ],
    sandbox: { world: 'small' },
  });
});

after(() => portal?.stop());

test('the form of the module is offered beside those of the portal', async () => {
  const { body } = await portal.call(
    'GET',
    '/entities/component/default/invoices/request-options',
  );
  const ids = body.secretForms.map(({ id }) => id);
  assert.ok(ids.includes('acme-rclone'));
  assert.ok(ids.includes('aws'));
});

test('what cannot be is answered in the words of the kind', async () => {
  const wrong = await portal.call('POST', '/requests/preview', {
    ...asked,
    team: 'media',
  });
  assert.equal(wrong.status, 400);
  assert.match(wrong.body.error.message, /archives are named after the owner/);
});

test('a request of the kind becomes ready', async () => {
  const request = await portal.askAndMerge(asked, 'archive-2026');
  assert.equal(request.kind, 'acme-archive');

  const ended = await portal.follow(request.id);
  assert.equal(ended.state, 'ready', JSON.stringify(ended, undefined, 2));

  const { body: storage } = await portal.call(
    'GET',
    '/entities/component/default/invoices/storage',
  );
  const bucket = storage.buckets.find(
    ({ name }) => name === 'checkout-archive-2026',
  );
  assert.equal(bucket.live.objectLock, true);
});
