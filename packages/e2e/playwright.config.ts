import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/browser';

/** The address of a portal that runs on the sandbox, and the folder of that sandbox: `npm test` starts both. */
const { PORTAL_URL, REPORT_DIR = '../../.sandbox/reports' } = process.env;

export default (async () =>
  defineConfig({
    testDir: './tests',
    outputDir: `${REPORT_DIR}/browser`,
    // The tests walk one way through one world, in order.
    workers: 1,
    fullyParallel: false,
    // As long as a machine may take that others work on, too: nothing waits longer than it has to.
    timeout: 900_000,
    expect: { timeout: 60_000 },
    reporter: [
      ['list'],
      ['json', { outputFile: `${REPORT_DIR}/browser.json` }],
    ],
    use: {
      baseURL: PORTAL_URL,
      viewport: { width: 1440, height: 900 },
      locale: 'en-GB',
      // Without a film of each page: two processors have enough to do to show them once.
      trace: { mode: 'retain-on-failure', screenshots: false },
      screenshot: 'only-on-failure',
      launchOptions: await launchOptions(),
    },
  }))();
