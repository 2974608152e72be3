import { expect, Page } from '@playwright/test';
import type { SandboxConnections } from '@rustfs-portal/sandbox';
import axe from 'axe-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the sandbox says of itself: addresses, users and their passwords. */
export function readConnections(): SandboxConnections {
  const folder = process.env.SANDBOX_STATE;
  if (!folder) {
    throw new Error('SANDBOX_STATE is not set: run the tests with `npm test`');
  }
  return JSON.parse(readFileSync(join(folder, 'connections.json'), 'utf8'));
}

/** Signs in as one of the people of the sign-in page, from whatever page is open. */
export async function signIn(page: Page, title: string) {
  await page.goto('/');
  await page.getByRole('button', { name: `Sign in as ${title}` }).click();
  await expect(
    page.getByRole('heading', { name: /catalog/i }).first(),
  ).toBeVisible();
}

export async function openStorage(page: Page, component: string) {
  await page.goto(`/catalog/default/component/${component}/storage`);
}

/** The Backstage token of whoever is signed in on the page, to call the backend as that person. */
export async function tokenOf(page: Page): Promise<string> {
  const [request] = await Promise.all([
    page.waitForRequest(r => /^Bearer /.test(r.headers().authorization ?? '')),
    page.reload(),
  ]);
  return request.headers().authorization;
}

/**
 * Fails on what keeps people from using the page with a keyboard or a screen reader, once it has come to rest: rows are
 * pale for a moment while they load.
 */
export async function expectAccessible(page: Page, within = 'main') {
  await page.evaluate(axe.source);
  await expect(async () => {
    expect(await findViolations(page, within)).toEqual([]);
  }).toPass({ timeout: 60_000 });
}

function findViolations(page: Page, within: string) {
  return page.evaluate(async selector => {
    const { axe: checker } = window as unknown as {
      axe: typeof import('axe-core');
    };
    const result = await checker.run(selector, {
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'],
    });
    return result.violations.map(({ id, help, nodes }) => ({
      id,
      help,
      nodes: nodes.map(node => node.html.slice(0, 200)),
    }));
  }, within);
}
