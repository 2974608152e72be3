import { expect, Page, test } from '@playwright/test';
import {
  expectAccessible,
  openStorage,
  pageOf,
  readConnections,
} from '../support/portal';
import {
  expectPreview,
  nextStep,
  openForm,
  openPullRequest,
} from '../support/form';
import { ForgeApi } from '../support/forge';
import {
  expectPullRequest,
  expectStep,
  trailOf,
  UNTIL_READY,
} from '../support/trail';
import {
  ClusterSecrets,
  expectDenied,
  rootOf,
  Workload,
} from '../support/workload';
import { Witness } from '../support/witness';

const BRUNO = 'Bruno Keller';
const CARLA = 'Carla Moreno';
/** A server that somebody has put there by hand. */
const TENANT = 'borealis/storage/archive';
const NAMESPACE = 'insights';
const SECRET_KEY = 'AWS_SECRET_ACCESS_KEY';

const connections = readConnections();
const forge = new ForgeApi(connections.forge, 'carla', 'acme/borealis');
const secrets = new ClusterSecrets(connections, 'borealis');
/** Makes the names of this run its own, so that the tests can be run again on the same world. */
const run = Date.now().toString(36);
const bucket = `insights-kept-${run}`;
const access = `kept-${run}`;

/** What the second test is given and the third one loses. */
let key: Record<string, string>;

test.describe.configure({ mode: 'serial' });

test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map(context => context.close()));
});

/** Sends a form off, has its pull request approved and merged, and waits until all is there. */
async function followToReady(page: Page, subject = access) {
  const number = await openPullRequest(page);
  const trail = trailOf(page, subject);
  await expectPullRequest(trail, number, 'open');
  await forge.approve(number);
  await forge.merge(number);
  await expectStep(trail, 'Ready', 'server');
}

test('the platform team switches on self-service for a server without operator', async ({
  browser,
}) => {
  const carla = await pageOf(browser, CARLA);
  await carla.goto('/rustfs/tenants');
  const row = carla.getByRole('row').filter({ hasText: 'archive' }).first();
  await expect(row).toBeVisible();
  await openForm(carla, 'enable-self-service', {
    entityRef: 'component:default/loki',
    tenant: TENANT,
    key: {
      secret: 'rustfs-provisioner',
      accessKey: 'accesskey',
      secretKey: 'secretkey',
    },
    purpose: 'Teams keep old reports on it',
  });
  await expectPreview(carla, `Enable self-service for tenant ${TENANT}`);
  await expect(
    carla.getByRole('region', { name: /cron-job\.yaml/ }),
  ).toContainText('kind: CronJob');
  const number = await openPullRequest(carla);
  const trail = trailOf(carla, 'archive');
  await expectPullRequest(trail, number, 'open');
  await expectAccessible(carla);
  await forge.merge(number);
  await expect(
    trail.getByRole('listitem').filter({ hasText: 'Ready' }).last(),
  ).toContainText(/\d\d:\d\d/, UNTIL_READY);
});

test('a bucket and its key come from the setup folder', async ({ browser }) => {
  const bruno = await pageOf(browser, BRUNO);
  const witness = new Witness(bruno.context());
  await openForm(bruno, 'request-storage', {
    entityRef: 'component:default/reports',
    tenant: TENANT,
    bucket,
    access,
    purpose: 'Reports that are kept',
    consumer: { namespace: NAMESPACE },
  });
  await expect(bruno.getByText(`${bucket} is free.`)).toBeVisible(UNTIL_READY);
  await nextStep(bruno, bruno.getByLabel('Name of the Secret'));
  await expectPreview(bruno, `Give ${access} access to ${bucket}`);
  // A request adds files and edits none.
  await expect(
    bruno.getByRole('region', { name: new RegExp(`buckets/${bucket}\\.yaml`) }),
  ).toBeVisible();
  await followToReady(bruno);

  const secret = await secrets.read(NAMESPACE, `${access}-s3`);
  expect(secret?.[SECRET_KEY]).toMatch(/^[A-Za-z0-9]{40}$/);
  key = secret!;
  const workload = new Workload(key);
  await workload.put(bucket, 'one.txt', 'hello');
  expect(await workload.get(bucket, 'one.txt')).toBe('hello');
  await expectDenied(workload.deleteBucket(bucket));
  await witness.expectNoSecret([key[SECRET_KEY]], `${access}-s3`);
});

test('a bucket that gets too small is given a larger quota', async ({
  browser,
}) => {
  const bruno = await pageOf(browser, BRUNO);
  await openForm(bruno, 'change-bucket', {
    entityRef: 'component:default/reports',
    tenant: TENANT,
    bucket,
    quota: '60Gi',
    purpose: 'More reports',
  });
  await expectPreview(bruno, `Change the quota of bucket ${bucket}`);
  await followToReady(bruno, bucket);
  await openStorage(bruno, 'reports');
  await expect(
    bruno
      .getByRole('row')
      .filter({ hasText: bucket })
      .getByText(/of 60 GiB/),
  ).toBeVisible();
});

test('what somebody changes on the server is told, and left to people', async ({
  browser,
}) => {
  await rootOf(connections, TENANT).enableVersioning(bucket);
  const bruno = await pageOf(browser, BRUNO);
  const row = bruno.getByRole('row').filter({ hasText: bucket }).first();
  // An open page looks again once a minute.
  await expect(async () => {
    await openStorage(bruno, 'reports');
    await expect(row.getByText('differs')).toBeVisible({ timeout: 5_000 });
  }).toPass(UNTIL_READY);
  await row.getByText(bucket).click();
  const dialog = bruno.getByRole('dialog');
  await expect(
    dialog.getByText(/^One setting differs from what Git declares/),
  ).toBeVisible();
  await expect(dialog.getByText(/^Versioning: Git declares/)).toBeVisible();
  await expectAccessible(bruno, '[role=dialog]');
});

test('what the setup program has made ends, too', async ({ browser }) => {
  const bruno = await pageOf(browser, BRUNO);
  await openForm(bruno, 'revoke-access', {
    entityRef: 'component:default/reports',
    tenant: TENANT,
    access,
    purpose: 'Reports are kept elsewhere now',
  });
  await expectPreview(bruno, `End access ${access}`);
  await followToReady(bruno);
  await expectDenied(new Workload(key).list(bucket));
  expect(await secrets.read(NAMESPACE, `${access}-s3`)).toBeUndefined();
});
