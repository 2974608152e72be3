import { expect, test } from '@playwright/test';
import { ForgeApi } from '../support/forge';
import {
  expectPreview,
  nextStep,
  openForm,
  openPullRequest,
} from '../support/form';
import { openStorage, pageOf, readConnections } from '../support/portal';
import {
  expectPullRequest,
  expectStep,
  trailOf,
  UNTIL_READY,
} from '../support/trail';
import { ClusterSecrets, expectDenied, Workload } from '../support/workload';
import { Witness } from '../support/witness';

const BRUNO = 'Bruno Keller';
/** Argo CD, a repository by GitHub's API, Sealed Secrets, and a server without operator. */
const TENANT = 'polaris/storage/edge';
const NAMESPACE = 'insights';
const SECRET_KEY = 'AWS_SECRET_ACCESS_KEY';

const connections = readConnections();
const forge = new ForgeApi(connections.forge, 'carla', 'acme/polaris');
/** Makes the names of this run its own, so that the tests can be run again on the same world. */
const run = Date.now().toString(36);
const bucket = `insights-edge-${run}`;
const access = `edge-${run}`;

test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map(context => context.close()));
});

test('a bucket and its key come by Argo CD, GitHub and Sealed Secrets', async ({
  browser,
}) => {
  const bruno = await pageOf(browser, BRUNO);
  const witness = new Witness(bruno.context());
  await openForm(bruno, 'request-storage', {
    entityRef: 'component:default/reports',
    tenant: TENANT,
    bucket,
    access,
    purpose: 'Reports near the shops',
    consumer: { namespace: NAMESPACE },
  });
  await expect(bruno.getByText(`${bucket} is free.`)).toBeVisible(UNTIL_READY);
  await nextStep(bruno, bruno.getByLabel('Name of the Secret'));
  await expectPreview(bruno, `Give ${access} access to ${bucket}`);
  await expect(
    bruno.getByRole('region', { name: /sealedsecret\.yaml/ }).first(),
  ).toContainText('kind: SealedSecret');
  const number = await openPullRequest(bruno);
  const trail = trailOf(bruno, access);
  await expectPullRequest(trail, number, 'open');
  await forge.approve(number);
  await forge.merge(number);
  await expectStep(trail, 'Applied', 'Argo CD');
  await expectStep(trail, 'Ready', 'server');

  const secrets = new ClusterSecrets(connections, 'polaris');
  const key = (await secrets.read(NAMESPACE, `${access}-s3`))!;
  expect(key[SECRET_KEY]).toMatch(/^[A-Za-z0-9]{40}$/);
  const workload = new Workload(key);
  await workload.put(bucket, 'one.txt', 'hello');
  expect(await workload.get(bucket, 'one.txt')).toBe('hello');
  await expectDenied(workload.deleteBucket(bucket));
  await openStorage(bruno, 'reports');
  await expect(
    bruno.getByRole('row').filter({ hasText: bucket }).first(),
  ).toBeVisible(UNTIL_READY);
  await witness.expectNoSecret([key[SECRET_KEY]], `${access}-s3`);
});
