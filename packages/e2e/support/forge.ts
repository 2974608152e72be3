import { Browser, expect, Page } from '@playwright/test';
import type { SandboxConnections } from '@rustfs-portal/sandbox';

/** Signs in to the pages of the forge as a person would. */
export async function signInToForge(
  browser: Browser,
  { url, users }: SandboxConnections['forge'],
  user: string,
): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${url}/user/login`);
  await page.getByLabel(/user/i).fill(user);
  await page.getByLabel(/password/i).fill(users[user].password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  // Only then the browser has the cookie.
  await page.waitForURL(address => address.pathname !== '/user/login');
  return page;
}

/** Approves and merges a pull request on its page. */
export async function approveAndMerge(page: Page) {
  await approve(page);
  await page.getByRole('button', { name: 'Merge…' }).click();
  await page.getByRole('button', { name: 'Merge into main' }).click();
  await expect(page.getByRole('heading', { name: 'Merged' })).toBeVisible();
}

/** Approves a pull request on its page. */
export async function approve(page: Page) {
  await page.getByRole('button', { name: 'Approve' }).click();
  // The page is loaded anew: what is opened on the old one would close.
  await expect(
    page.locator('[id^=pullrequestreview-]').getByText('Approved'),
  ).toBeVisible();
}

/** A client of the forge's API for one repository, as one user. */
export class ForgeApi {
  readonly #base: string;
  readonly #token: string;

  constructor(
    { url, users }: SandboxConnections['forge'],
    user: string,
    repository = 'acme/atlas',
  ) {
    this.#base = `${url}/api/v1/repos/${repository}`;
    this.#token = users[user].token;
  }

  async close(number: number) {
    await this.#call(`pulls/${number}`, 'PATCH', { state: 'closed' });
  }

  async approve(number: number) {
    await this.#call(`pulls/${number}/reviews`, 'POST', { event: 'APPROVED' });
  }

  /** Merging right after opening is refused while the forge still looks for conflicts, as on a real one. */
  async merge(number: number) {
    await expect(async () => {
      const { head } = await this.#call(`pulls/${number}`);
      await this.#call(`pulls/${number}/merge`, 'POST', {
        Do: 'merge',
        head_commit_id: head.sha,
      });
    }).toPass({ timeout: 60_000 });
  }

  /** What the newest commit status of a context says about a pull request. */
  async statusOf(
    number: number,
    context: string,
  ): Promise<{ state: string; description: string } | undefined> {
    const { head } = await this.#call(`pulls/${number}`);
    const { statuses } = await this.#call(`commits/${head.sha}/status`);
    const found = (statuses ?? []).find(
      (status: { context: string }) => status.context === context,
    );
    return found && { state: found.status, description: found.description };
  }

  /** How many pull requests there are, of whatever state. */
  async count(): Promise<number> {
    return (await this.#call('pulls?state=all&limit=50')).length;
  }

  async #call(path: string, method = 'GET', body?: unknown) {
    const response = await fetch(`${this.#base}/${path}`, {
      method,
      headers: {
        Authorization: `token ${this.#token}`,
        'Content-Type': 'application/json',
      },
      body: body ? JSON.stringify(body) : undefined,
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }
}
