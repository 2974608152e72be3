import { Browser, BrowserContextOptions, expect, Page } from '@playwright/test';
import type { SandboxConnections } from '@rustfs-portal/sandbox';
import axe from 'axe-core';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Colours differ between the themes, and what is there between the widths. */
export const WIDE_AND_LIGHT = {
  colorScheme: 'light',
  viewport: { width: 1440, height: 900 },
} as const;
export const NARROW_AND_DARK = {
  colorScheme: 'dark',
  viewport: { width: 768, height: 900 },
} as const;

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

/** A page of a browser of its own, on which somebody is signed in. */
export async function pageOf(
  browser: Browser,
  person: string,
  look: BrowserContextOptions = WIDE_AND_LIGHT,
): Promise<Page> {
  const context = await browser.newContext({
    baseURL: process.env.PORTAL_URL,
    locale: 'en-GB',
    ...look,
  });
  const page = await context.newPage();
  await signIn(page, person);
  return page;
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
 * Fails on what keeps people from using the page with a keyboard or a screen reader, in either theme, and when it does
 * not fit a narrow window.
 */
export async function expectAccessible(page: Page, within = 'main') {
  for (const look of [NARROW_AND_DARK, WIDE_AND_LIGHT]) {
    // The open page follows both.
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.setViewportSize(look.viewport);
    await expectAccessibleAsItIs(page, within);
  }
}

/** As {@link expectAccessible}, without a change of theme: that draws the page anew, and a form begins at its start. */
export async function expectAccessibleAsItIs(page: Page, within: string) {
  await page.evaluate(axe.source);
  // Once it has come to rest: rows are pale for a moment while they load.
  await expect(async () => {
    expect(await findViolations(page, within)).toEqual([]);
    expect(await overhang(page), 'the page is wider than its window').toBe(0);
  }).toPass({ timeout: 60_000 });
}

/** By how many pixels the page is wider than its window. */
function overhang(page: Page) {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    // A part of a pixel is rounded up, and nobody can scroll by it.
    return Math.max(0, scrollWidth - clientWidth - 1);
  });
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
