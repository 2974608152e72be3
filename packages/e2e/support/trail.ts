import { expect, Locator, Page } from '@playwright/test';

/** Until merged changes are in effect, on a machine that does other things as well. */
export const UNTIL_READY = { timeout: 300_000 };

/** The steps of a request, by the name of what it is for. */
export function trailOf(page: Page, name: string): Locator {
  return page.getByRole('list', { name: `Steps of the request for ${name}` });
}

/** Expects the trail to link to a pull request, with these words beside it. */
export async function expectPullRequest(
  trail: Locator,
  number: number,
  words: string,
) {
  await expect(
    trail.getByRole('listitem').filter({
      has: trail.page().getByRole('link', { name: `Pull request #${number} ` }),
      hasText: `(${words})`,
    }),
  ).toBeVisible(UNTIL_READY);
}

/** Each step shows when it happened and who says so, without the page being loaded again. */
export async function expectStep(trail: Locator, step: string, source: string) {
  await expect(
    trail.getByRole('listitem').filter({ hasText: step }).last(),
  ).toContainText(new RegExp(`\\d\\d:\\d\\d · ${source}`), UNTIL_READY);
}
