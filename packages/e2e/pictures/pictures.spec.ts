import {
  Browser,
  BrowserContextOptions,
  expect,
  Page,
  test,
} from '@playwright/test';
import { join, resolve } from 'node:path';
import { fillForm } from '../support/form';
import { openStorage, signIn } from '../support/portal';

/** Where the READMEs look for them. */
const FOLDER = resolve(__dirname, '../../../docs/images');

const WIDE = {
  colorScheme: 'light',
  viewport: { width: 1280, height: 800 },
} as const;
const WIDE_DARK = { ...WIDE, colorScheme: 'dark' } as const;
const NARROW_DARK = {
  colorScheme: 'dark',
  viewport: { width: 390, height: 800 },
} as const;

async function pageOf(
  browser: Browser,
  person: string,
  look: BrowserContextOptions,
) {
  const context = await browser.newContext({
    baseURL: process.env.PORTAL_URL,
    locale: 'en-GB',
    // Nothing half turned or half faded in.
    reducedMotion: 'reduce',
    ...look,
  });
  const page = await context.newPage();
  await signIn(page, person);
  return page;
}

/** Once fonts are there and nothing moves any more. */
async function take(page: Page, name: string) {
  await expect(page.getByText('Loading', { exact: true })).toHaveCount(0);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({
    path: join(FOLDER, `${name}.png`),
    animations: 'disabled',
    caret: 'hide',
  });
}

test('the pictures of the documentation', async ({ browser }) => {
  const ada = await pageOf(browser, 'Ada Laurent', WIDE);
  await openStorage(ada, 'invoices');
  await expect(
    ada.getByRole('row', { name: /checkout-invoices/ }),
  ).toBeVisible();
  await take(ada, 'storage-tab');

  await fillForm(ada, {
    component: 'invoices',
    bucket: 'checkout-statements',
    purpose: 'Monthly statements as PDF',
  });
  await ada
    .getByRole('heading', { name: /Add bucket/ })
    .scrollIntoViewIfNeeded();
  await take(ada, 'request-form');

  await ada.getByRole('button', { name: 'Review' }).click();
  await ada.getByRole('button', { name: 'Open pull request' }).click();
  await ada
    .getByRole('link', { name: 'Follow the request' })
    .click({ timeout: 60_000 });
  await expect(ada.getByText(/Pull request #\d+/).first()).toBeVisible();
  await take(ada, 'request-trail');

  const carla = await pageOf(browser, 'Carla Moreno', WIDE_DARK);
  await carla.goto('/rustfs/buckets');
  await expect(carla.getByText(/^\d+ buckets$/)).toBeVisible();
  await take(carla, 'buckets-dark');
  await carla.goto('/rustfs/tenants');
  await expect(carla.getByText('Degraded', { exact: true })).toBeVisible();
  await take(carla, 'tenants-dark');

  const narrow = await pageOf(browser, 'Carla Moreno', NARROW_DARK);
  await narrow.goto('/rustfs/buckets?show=attention');
  await expect(narrow.getByText(/^\d+ buckets?$/)).toBeVisible();
  await take(narrow, 'buckets-narrow');
});
