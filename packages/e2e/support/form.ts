import { expect, Locator, Page } from '@playwright/test';
import { openStorage } from './portal';

/** Goes on to the step with this field. A click is lost while a picker of the step before still loads. */
export async function nextStep(page: Page, field: Locator) {
  await expect(async () => {
    await page
      .getByRole('button', { name: 'Next' })
      .click({ timeout: 2000 })
      // Gone already: the step after this one takes its time to load.
      .catch(() => {});
    await expect(field).toBeVisible({ timeout: 3000 });
  }).toPass({ timeout: 30_000 });
}

/** Fills the form for a bucket of a component up to the step that shows the pull request. */
export async function fillForm(
  page: Page,
  request: { component: string; bucket: string; purpose: string },
) {
  const { component, bucket, purpose } = request;
  await openStorage(page, component);
  await page.getByRole('link', { name: /Request bucket/ }).click();
  await page.getByLabel('Purpose').fill(purpose);
  await nextStep(page, page.getByLabel('Bucket name'));
  await page.getByLabel('Bucket name').fill(bucket);
  await expect(page.getByText(`${bucket} is free.`)).toBeVisible();
  await nextStep(page, page.getByText(`Add bucket ${bucket} to`));
}

/** Opens the form of a software template for an entity, filled in as links of the portal do. */
export async function openForm(
  page: Page,
  template: string,
  filledIn: Record<string, unknown>,
) {
  await page.goto(
    `/create/templates/default/${template}?formData=${encodeURIComponent(
      JSON.stringify(filledIn),
    )}`,
  );
}

/** Waits for the pull request that a form would open. A server that is too busy to answer in time is asked again. */
export async function expectPreview(page: Page, title: string) {
  await expect(async () => {
    await page
      .getByRole('alert')
      .getByRole('button', { name: 'Try again' })
      .click({ timeout: 500 })
      // There is none while all is well.
      .catch(() => {});
    await expect(
      page.getByRole('heading', { name: title }).first(),
    ).toBeVisible({
      timeout: 10_000,
    });
  }).toPass({ timeout: 180_000 });
}

/**
 * Sends a form off from its last step, and goes straight into the trail.
 *
 * @returns the number of the pull request
 */
export async function openPullRequest(page: Page): Promise<number> {
  const send = page.getByRole('button', { name: 'Open pull request' });
  await expect(async () => {
    await page
      .getByRole('button', { name: 'Review' })
      .click({ timeout: 2000 })
      .catch(() => {});
    await expect(send).toBeVisible({ timeout: 3000 });
  }).toPass();
  await send.click();
  await page
    .getByRole('link', { name: 'Follow the request' })
    .click({ timeout: 120_000 });
  const link = page.getByRole('link', { name: /Pull request #\d+/ }).first();
  await expect(link).toBeVisible();
  return Number(/#(\d+)/.exec(await link.innerText())![1]);
}
