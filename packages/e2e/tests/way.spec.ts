import { expect, Page, test } from '@playwright/test';
import {
  expectAccessible,
  expectAccessibleAsItIs,
  NARROW_AND_DARK,
  openStorage,
  pageOf,
  readConnections,
  tokenOf,
} from '../support/portal';
import { fillForm as fillFormOf, nextStep } from '../support/form';
import { approveAndMerge, ForgeApi, signInToForge } from '../support/forge';

const ADA = 'Ada Laurent';
const BRUNO = 'Bruno Keller';
const CARLA = 'Carla Moreno';
const DARIO = 'Dario Novak';
const MINA = 'Mina Sato';

const connections = readConnections();
const forge = new ForgeApi(connections.forge, 'carla');
/** Makes the names of this run its own, so that the tests can be run again on the same world. */
const run = Date.now().toString(36);
const invoices = 'component:default/invoices';

test.describe.configure({ mode: 'serial' });

test.afterEach(async ({ browser }) => {
  await Promise.all(browser.contexts().map(context => context.close()));
});

/** Fills the form for a bucket of `invoices` up to the last step. */
async function fillForm(page: Page, bucket: string) {
  await fillFormOf(page, {
    component: 'invoices',
    bucket,
    purpose: `Test of ${bucket} <b>@carla</b>`,
  });
}

/** Asks for a bucket and answers with the number of its pull request. */
async function request(page: Page, bucket: string): Promise<number> {
  await fillForm(page, bucket);
  await page.getByRole('button', { name: 'Review' }).click();
  await page.getByRole('button', { name: 'Open pull request' }).click();
  const link = page.getByRole('link', { name: /pull request/i }).first();
  await expect(link).toBeVisible({ timeout: 60_000 });
  const number = /pulls\/(\d+)/.exec((await link.getAttribute('href')) ?? '');
  expect(number, 'the task links to the pull request').not.toBeNull();
  return Number(number![1]);
}

test('a developer sees the storage of a service, and each reason why there is none', async ({
  browser,
}) => {
  const ada = await pageOf(browser, ADA);
  await ada.goto('/catalog/default/component/invoices');
  await expect(
    ada.getByText(/checkout-(exports uses \d+ %|refused-\w+ failed)/),
  ).toBeVisible();

  await openStorage(ada, 'invoices');
  const table = ada.getByRole('grid').first();
  await expect(table.getByText('checkout-invoices')).toBeVisible();
  await expect(ada.getByText(/^As of \d\d:\d\d$/).first()).toBeVisible();
  await expect(ada.getByText('atlas/storage/apps').first()).toBeVisible();
  await expectAccessible(ada);

  await table.getByText('checkout-invoices').click();
  await expect(ada.getByText('Declared and live')).toBeVisible();
  await expectAccessible(ada, '[role=dialog]');

  await openStorage(ada, 'checkout-web');
  await expect(
    ada.getByText('This entity does not say where its storage is'),
  ).toBeVisible();
  await expect(ada.getByText('rustfs.com/tenant: atlas')).toBeVisible();
  await expectAccessible(ada);

  const mina = await pageOf(browser, MINA);
  await openStorage(mina, 'media-archive');
  await expect(mina.getByText('Down').first()).toBeVisible();
  await expect(mina.getByText(/atlas\/storage\/cold/).first()).toBeVisible();
  await expectAccessible(mina);

  const dario = await pageOf(browser, DARIO);
  await openStorage(dario, 'invoices');
  await expect(dario.getByText('You may not see this')).toBeVisible();
  await expect(dario.getByText(/rustfs\.storage\.read/)).toBeVisible();
  await expectAccessible(dario);
});

test('the form checks the name while it is typed', async ({ browser }) => {
  // The next test looks at it in the other theme.
  const ada = await pageOf(browser, ADA, NARROW_AND_DARK);
  await openStorage(ada, 'invoices');
  await ada.getByRole('link', { name: /Request bucket/ }).click();
  await expect(ada.getByText('Request a bucket').first()).toBeVisible();
  await expectAccessibleAsItIs(ada, 'form');
  await ada.getByLabel('Purpose').fill('Names');
  const name = ada.getByLabel('Bucket name');
  await nextStep(ada, name);
  await name.fill('Invoices!');
  await expect(ada.getByText(/Use lower-case letters/)).toBeVisible();
  await name.fill('checkout-invoices');
  await expect(
    ada.getByText('There is a bucket checkout-invoices'),
  ).toBeVisible();
  await name.fill('insights-things');
  await expect(ada.getByText(/checkout-/).first()).toBeVisible();
  const free = `checkout-names-${run}`;
  await name.fill(free);
  await expect(ada.getByText(`${free} is free.`)).toBeVisible();
  await expectAccessibleAsItIs(ada, 'form');
  await nextStep(ada, ada.getByText(`Add bucket ${free} to`));
  await expectAccessibleAsItIs(ada, 'form');
});

test('a request becomes a reviewed pull request and then a bucket, in the open page', async ({
  browser,
}) => {
  const ada = await pageOf(browser, ADA);
  const bucket = `checkout-way-${run}`;
  await fillForm(ada, bucket);
  // The very change: one entry in the Tenant, one record.
  await expect(ada.getByText(`name: ${bucket}`).first()).toBeVisible();
  await expect(
    ada.getByText(`buckets/apps/${bucket}.yaml`).first(),
  ).toBeVisible();
  await expectAccessibleAsItIs(ada, 'form');

  const number = await request(ada, bucket);
  await openStorage(ada, 'invoices');
  const trail = ada.getByRole('list', {
    name: `Steps of the request for ${bucket}`,
  });
  await expect(trail.getByText(`Pull request #${number}`)).toBeVisible();

  const carla = await signInToForge(browser, connections.forge, 'carla');
  await carla.goto(`${connections.forge.url}/acme/atlas/pulls/${number}`);
  await expect(carla.getByText(`- name: ${bucket}`).first()).toBeVisible();
  // What a person typed is text, never markup or a mention.
  await expect(carla.locator('b', { hasText: '@carla' })).toHaveCount(0);
  await expectAccessible(carla, 'body');
  await approveAndMerge(carla);

  // Each step shows when it happened and who says so, without the page being loaded again.
  for (const [step, source] of [
    ['Merged', 'forge'],
    ['Applied', 'Flux'],
    ['Ready', 'server'],
  ]) {
    await expect(
      trail.getByRole('listitem').filter({ hasText: step }).last(),
    ).toContainText(new RegExp(`\\d\\d:\\d\\d · ${source}`), {
      timeout: 90_000,
    });
  }
  await expect(
    ada.getByRole('grid').first().getByText(bucket, { exact: true }),
  ).toBeVisible();
  await expectAccessible(ada);

  await expect(async () => {
    await ada.goto(`/catalog/default/resource/atlas-apps-${bucket}`);
    await expect(ada.getByText('s3-bucket').first()).toBeVisible({
      timeout: 3000,
    });
  }).toPass({ timeout: 60_000 });
});

test('a refusal of the operator is shown in its own words', async ({
  browser,
}) => {
  const bucket = `checkout-refused-${run}`;
  const well = {
    target: 'item',
    tenant: 'atlas/storage/apps',
    kind: 'buckets',
    item: bucket,
  };
  await setFault({
    ...well,
    reason: 'BucketCreateFailed',
    message: 'failed to create RustFS bucket: drives are read-only',
  });
  const ada = await pageOf(browser, ADA);
  const number = await request(ada, bucket);
  await forge.merge(number);
  await openStorage(ada, 'invoices');
  await expect(ada.getByText(/drives are read-only/).first()).toBeVisible({
    timeout: 60_000,
  });
  await expect(ada.getByText('BucketCreateFailed').first()).toBeVisible();
  await expect(ada.getByText('What to do').first()).toBeVisible();
  await expectAccessible(ada);
  await setFault(well);
});

test('a pull request that is closed unmerged ends the request', async ({
  browser,
}) => {
  const ada = await pageOf(browser, ADA);
  const bucket = `checkout-closed-${run}`;
  const number = await request(ada, bucket);
  await openStorage(ada, 'invoices');
  const card = (state: string) =>
    ada.getByRole('group', {
      name: new RegExp(`${bucket} New bucket ${state}`),
    });
  await expect(card('In review')).toBeVisible();
  await forge.close(number);
  await expect(card('Closed')).toBeVisible({ timeout: 60_000 });

  await ada.getByRole('link', { name: 'Ask again' }).click();
  await expect(ada.getByLabel('Purpose')).toHaveValue(
    new RegExp(`Test of ${bucket}`),
  );
  await nextStep(ada, ada.getByLabel('Bucket name'));
  await expect(ada.getByLabel('Bucket name')).toHaveValue(bucket);
  await expect(ada.getByText(`${bucket} is free.`)).toBeVisible();
});

test('the platform team sees every tenant and request', async ({ browser }) => {
  const carla = await pageOf(browser, CARLA);
  await carla.goto('/rustfs/tenants');
  for (const tenant of ['apps', 'platform', 'cold', 'ml', 'archive']) {
    await expect(
      carla.getByRole('row').filter({ hasText: tenant }).first(),
    ).toBeVisible();
  }
  await expect(carla.getByText('Degraded').first()).toBeVisible();
  await expectAccessible(carla);
  await carla.goto('/rustfs/buckets');
  await expect(carla.getByText(/^5\d buckets|^6\d buckets/)).toBeVisible();
  await expectAccessible(carla);
  await carla.goto('/rustfs/requests');
  await expect(carla.getByText(`checkout-way-${run}`).first()).toBeVisible();
  await expectAccessible(carla);
});

test('others see and can ask for none of it, in the page and by HTTP', async ({
  browser,
  request: http,
}) => {
  const before = await forge.count();
  for (const person of [BRUNO, DARIO]) {
    const page = await pageOf(browser, person);
    await openStorage(page, 'invoices');
    await expect(page.getByText('You may not see this')).toBeVisible();
    await expect(page.getByText(`checkout-way-${run}`)).toHaveCount(0);
    await expect(
      page.getByRole('link', { name: /Request bucket/ }),
    ).toHaveCount(0);

    const headers = { Authorization: await tokenOf(page) };
    const api = `${process.env.PORTAL_URL}/api/rustfs`;
    const entity = `${api}/entities/component/default/invoices`;
    const body = {
      entityRef: invoices,
      tenant: 'atlas/storage/apps',
      bucket: `checkout-stolen-${run}`,
      quota: '1Gi',
      purpose: 'No',
      dataClass: 'internal',
    };
    for (const [method, url, data] of [
      ['GET', `${entity}/storage`],
      ['GET', `${entity}/request-options`],
      ['POST', `${api}/requests/check-name`, body],
      ['POST', `${api}/requests/preview`, body],
      ['POST', `${api}/requests`, body],
      ['GET', `${api}/tenants`],
      ['GET', `${api}/tenants/atlas/storage/apps`],
    ] as const) {
      const sent =
        data && url.endsWith('check-name')
          ? {
              entityRef: data.entityRef,
              tenant: data.tenant,
              bucket: data.bucket,
            }
          : data;
      const answer = await http.fetch(url, {
        method,
        headers: { ...headers, 'Idempotency-Key': 'stolen' },
        data: sent,
      });
      expect([403, 404], `${person}: ${method} ${url}`).toContain(
        answer.status(),
      );
    }
    const lists = await Promise.all(
      ['requests', 'buckets'].map(list =>
        http.get(`${api}/${list}`, { headers }),
      ),
    );
    for (const list of lists) {
      expect(await list.text()).not.toContain('checkout-');
    }
    // Neither does the catalog tell, as an entity or on the service.
    const catalog = `${process.env.PORTAL_URL}/api/catalog/entities`;
    for (const url of [
      `${catalog}?filter=kind=resource`,
      `${catalog}/by-name/component/default/invoices`,
    ]) {
      const answer = await http.get(url, { headers });
      expect(answer.ok(), url).toBe(true);
      expect(await answer.text()).not.toContain(`checkout-way-${run}`);
    }
    const resource = `${catalog}/by-name/resource/default/atlas-apps-checkout-way-${run}`;
    expect((await http.get(resource, { headers })).status()).toBe(404);
  }
  expect(
    (await http.get(`${process.env.PORTAL_URL}/api/rustfs/requests`)).status(),
  ).toBe(401);
  expect(await forge.count()).toBe(before);
});

async function setFault(fault: unknown) {
  const response = await fetch(process.env.SANDBOX_FAULTS!, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(fault),
  });
  expect(response.ok, await response.text()).toBe(true);
}
