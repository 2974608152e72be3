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
