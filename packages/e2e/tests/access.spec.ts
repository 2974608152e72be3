import { Browser, expect, test } from '@playwright/test';
import {
  expectAccessible,
  expectAccessibleAsItIs,
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
import { approveAndMerge, ForgeApi, signInToForge } from '../support/forge';
import { ClusterSecrets, expectDenied, Workload } from '../support/workload';
import {
  expectPullRequest,
  expectStep,
  trailOf,
  UNTIL_READY,
} from '../support/trail';
import { Witness } from '../support/witness';

const ADA = 'Ada Laurent';
const TENANT = 'atlas/storage/apps';
const POLICY = 'rustfs/policy';
const SECRET_KEY = 'AWS_SECRET_ACCESS_KEY';

const connections = readConnections();
const forgeOf = (user: string, repository?: string) =>
  new ForgeApi(connections.forge, user, repository);
const secretsOf = (cluster: string) => new ClusterSecrets(connections, cluster);
/** Makes the names of this run its own, so that the tests can be run again on the same world. */
const run = Date.now().toString(36);
const bucket = `checkout-drafts-${run}`;
const access = `drafts-${run}`;
const secretName = `${access}-s3`;

/** What the first test is given and the second one loses. */
let key: Record<string, string>;

test.describe.configure({ mode: 'serial' });

test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map(context => context.close()));
});

/** A page of the developer, and a witness of what it sees. */
async function openPortal(browser: Browser) {
  const page = await pageOf(browser, ADA);
  return { ada: page, witness: new Witness(page.context()) };
}

async function keyOf(
  cluster: string,
  namespace: string,
  name: string,
): Promise<Record<string, string>> {
  const secret = await secretsOf(cluster).read(namespace, name);
  expect(secret, `Secret ${name} in ${namespace} of ${cluster}`).toBeDefined();
  expect(secret![SECRET_KEY]).toMatch(/^[A-Za-z0-9]{40}$/);
  return secret!;
}

test('a bucket and its key are asked for in one form, and the key does what it is for', async ({
  browser,
}) => {
  const { ada, witness } = await openPortal(browser);
  await openForm(ada, 'request-storage', {
    entityRef: 'component:default/invoices',
  });
  await ada.getByLabel('Purpose').fill('Drafts of invoices');
  await ada.getByLabel('Bucket name').fill(bucket);
  await expect(ada.getByText(`${bucket} is free.`)).toBeVisible();
  const name = ada.getByLabel('Name of the access');
  await nextStep(ada, name);
  await name.fill(access);
  await expect(
    ada.getByText(
      `May read, list, write and delete in ${bucket}; nothing else.`,
    ),
  ).toBeVisible();
  await expect(ada.getByLabel('Name of the Secret')).toHaveValue(secretName);
  // The very change: an entry for each of bucket, policy and user, and Secrets of which nobody sees more than the name.
  await expectPreview(ada, `Give ${access} access to ${bucket}`);
  await expect(ada.getByText(`- name: ${bucket}`).first()).toBeVisible();
  await expect(
    ada.getByRole('region', { name: new RegExp(`${secretName}.sops.yaml`) }),
  ).toContainText('<redacted>');
  await expectAccessibleAsItIs(ada, 'form');

  const number = await openPullRequest(ada);
  const trail = trailOf(ada, access);
  await expectPullRequest(trail, number, 'open');
  await expectAccessible(ada);

  const carla = await signInToForge(browser, connections.forge, 'carla');
  await carla.goto(`${connections.forge.url}/acme/atlas/pulls/${number}`);
  await approveAndMerge(carla);
  await expectStep(trail, 'Ready', 'server');

  await trail.getByRole('link', { name: `Connect to ${access}` }).click();
  const dialog = ada.getByRole('dialog', { name: access });
  await expect(dialog.getByText('Ready', { exact: true })).toBeVisible(
    UNTIL_READY,
  );
  await expect(
    dialog.getByText(secretName, { exact: true }).first(),
  ).toBeVisible();
  await expect(dialog.getByText(SECRET_KEY, { exact: true })).toBeVisible();
  await expect(
    dialog.getByRole('region', { name: 'Kubernetes' }),
  ).toContainText(
    new RegExp(`envFrom:\\s+- secretRef:\\s+name: ${secretName}`),
  );
  for (const [tab, words] of [
    ['AWS CLI', `s3://${bucket}`],
    ['rclone', bucket],
    ['Python', bucket],
  ]) {
    await dialog.getByRole('tab', { name: tab }).click();
    await expect(dialog.getByRole('tabpanel')).toContainText(words);
  }
  await expectAccessible(ada, '[role=dialog]');

  key = await keyOf('atlas', 'checkout', secretName);
  const workload = new Workload(key);
  await workload.put(bucket, 'one.txt', 'hello');
  expect(await workload.get(bucket, 'one.txt')).toBe('hello');
  expect(await workload.list(bucket)).toEqual(['one.txt']);
  await expectDenied(workload.list('checkout-invoices'));
  await expectDenied(workload.deleteBucket(bucket));
  await witness.expectNoSecret([key[SECRET_KEY]], secretName);
});

test('the same person ends it, and sees when the key has stopped working', async ({
  browser,
}) => {
  const { ada, witness } = await openPortal(browser);
  await openStorage(ada, 'invoices');
  await ada
    .getByRole('link', { name: `Revoke the access ${access}` })
    .click(UNTIL_READY);
  await expect(
    ada.getByText(new RegExp(`The Secret .*${secretName} is deleted`)),
  ).toBeVisible();
  await ada.getByLabel('Reason').fill('Drafts are kept elsewhere now');
  await expectPreview(ada, `End access ${access}`);
  await expectAccessibleAsItIs(ada, 'form');
  const number = await openPullRequest(ada);
  const trail = trailOf(ada, access);
  await expectPullRequest(trail, number, 'open');
  // Nothing has ended before it is merged.
  expect(await new Workload(key).list(bucket)).toEqual(['one.txt']);

  await forgeOf('carla').approve(number);
  await forgeOf('carla').merge(number);
  await expectStep(trail, 'Ready', 'server');
  await expect(trail).toContainText(
    'The key has stopped working: its user is denied everything',
  );
  await expectDenied(new Workload(key).list(bucket));
  await expectDenied(new Workload(key).put(bucket, 'two.txt', 'hello'));
  expect(await secretsOf('atlas').read('checkout', secretName)).toBeUndefined();

  await trail.getByRole('link', { name: `Open the access ${access}` }).click();
  const dialog = ada.getByRole('dialog', { name: access });
  await expect(dialog.getByText('Ended', { exact: true })).toBeVisible(
    UNTIL_READY,
  );
  await expect(dialog.getByText('Connect', { exact: true })).toHaveCount(0);
  await expectAccessible(ada, '[role=dialog]');

  // The server has another secret now, which nobody keeps.
  const ended = await secretsOf('atlas').read(
    'storage',
    `apps-access-${access}`,
  );
  expect(ended!.secretkey).not.toBe(key[SECRET_KEY]);
  await witness.expectNoSecret([key[SECRET_KEY], ended!.secretkey], secretName);
});

test('a bucket of another team waits for that team, and not for the one who asked', async ({
  browser,
}) => {
  const name = `weekly-${run}`;
  const { ada, witness } = await openPortal(browser);
  await openForm(ada, 'request-access', {
    entityRef: 'component:default/invoices',
    tenant: TENANT,
  });
  await ada
    .getByLabel('A bucket of another team, by its name')
    .fill('insights-reports');
  await ada.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(
    ada.getByText(/You may not see insights-reports. The owner has to approve/),
  ).toBeVisible();
  await ada.getByRole('button', { name: /May$|^May|May\*/ }).click();
  await ada.getByRole('option', { name: 'Read', exact: true }).click();
  await expect(
    ada.getByText('May read and list insights-reports; nothing else.'),
  ).toBeVisible();
  await ada.getByLabel('Purpose').fill('Numbers for the monthly invoice run');
  await nextStep(ada, ada.getByLabel('Name of the access'));
  await ada.getByLabel('Name of the access').fill(name);
  await expectPreview(ada, `Give ${name} access to insights-reports`);
  await expect(
    ada.getByText('Insights has to approve, as the owner of insights-reports'),
  ).toBeVisible();

  const number = await openPullRequest(ada);
  const missing = ada.getByRole('list', { name: 'What is still needed' });
  const ownerIsMissing =
    'Waiting for approval by Insights, for insights-reports';
  await expect(missing).toContainText(ownerIsMissing);
  await expectAccessible(ada);
  const policy = () => forgeOf('carla').statusOf(number, POLICY);
  await expect
    .poll(policy)
    .toMatchObject({ state: 'pending', description: /team insights/ });

  await forgeOf('ada').approve(number);
  await expect(missing).toContainText(
    'ada has approved and has asked for it, so somebody else has to approve.',
    UNTIL_READY,
  );
  await forgeOf('carla').approve(number);
  // That of the platform team counts for the review, and is none of the owner.
  await expect(missing).not.toContainText('somebody other', UNTIL_READY);
  await expect(missing).toContainText(ownerIsMissing);
  expect(await policy()).toMatchObject({ state: 'pending' });

  await forgeOf('bruno').approve(number);
  await expect.poll(policy, UNTIL_READY).toMatchObject({ state: 'success' });
  await expect(missing).toHaveCount(0, UNTIL_READY);
  await forgeOf('carla').merge(number);
  await expectStep(trailOf(ada, name), 'Ready', 'server');

  const secret = await keyOf('atlas', 'checkout', `${name}-s3`);
  const workload = new Workload(secret);
  expect(await workload.list('insights-reports')).not.toEqual([]);
  await expectDenied(workload.put('insights-reports', 'mine.txt', 'hello'));
  await witness.expectNoSecret([secret[SECRET_KEY]], `${name}-s3`);
});

test('a Secret in another repository comes with a second pull request of the same request', async ({
  browser,
}) => {
  const name = `scores-${run}`;
  const own = `checkout-scores-${run}`;
  const { ada, witness } = await openPortal(browser);
  await openForm(ada, 'request-storage', {
    entityRef: 'component:default/checkout-api',
    tenant: TENANT,
    bucket: own,
    access: name,
    purpose: 'Scores of the fraud model',
    consumer: { cluster: 'borealis', namespace: 'checkout-fraud' },
  });
  await expect(ada.getByText(`${own} is free.`)).toBeVisible();
  await nextStep(ada, ada.getByLabel('Name of the Secret'));
  await expect(ada.getByLabel('Namespace')).toHaveValue('checkout-fraud');
  await expectPreview(ada, `Give ${name} access to ${own}`);
  const later = ada.getByRole('region', { name: /Secret of the workload/ });
  await expect(later).toContainText('acme/borealis');
  await expect(later).toContainText('The portal opens this pull request');
  await expectAccessibleAsItIs(ada, 'form');

  const first = await openPullRequest(ada);
  const trail = trailOf(ada, name);
  await expectPullRequest(trail, first, '1 of 2 · acme/atlas · open');
  await expect(trail).toContainText(
    'The portal opens it once the one before is in effect.',
  );
  await expectAccessible(ada);
  await forgeOf('carla').approve(first);
  await forgeOf('carla').merge(first);

  await expectStep(trail, 'In effect', 'server');
  await expect(trail).toContainText('the Secret of the workload is next');
  const second = trail.getByRole('link', { name: /Pull request #\d+/ }).last();
  await expect(second).toHaveAttribute(
    'href',
    /acme\/borealis\/pulls\/\d+$/,
    UNTIL_READY,
  );
  const number = Number(/\d+$/.exec((await second.getAttribute('href'))!)![0]);
  await expectPullRequest(trail, first, '1 of 2 · acme/atlas · merged');
  await expectPullRequest(trail, number, '2 of 2 · acme/borealis · open');
  // What it waits for is said, and nobody has the key yet.
  await expect(trail.locator('[aria-current=step]')).toContainText('Next:');
  expect(
    await secretsOf('borealis').read('checkout-fraud', `${name}-s3`),
  ).toBeUndefined();
  await expectAccessible(ada);
  await openStorage(ada, 'checkout-api');
  const card = ada.getByRole('group', {
    name: new RegExp(`${name} New access In review Pull request 2 of 2`),
  });
  await expect(card).toBeVisible();

  await forgeOf('carla', 'acme/borealis').merge(number);
  await expectStep(trailOf(ada, name), 'Ready', 'server');
  const secret = await keyOf('borealis', 'checkout-fraud', `${name}-s3`);
  const workload = new Workload(secret);
  await workload.put(own, 'score.json', '{}');
  expect(await workload.get(own, 'score.json')).toBe('{}');
  await expectDenied(workload.list('checkout-fraud-cases'));
  await witness.expectNoSecret([secret[SECRET_KEY]], `${name}-s3`);
});
