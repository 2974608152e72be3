import { defineConfig } from '@playwright/test';
import { launchOptions } from './support/browser';

/** Makes the pictures of the documentation; `npm run pictures` starts the portal for it. */
export default (async () =>
  defineConfig({
    testDir: './pictures',
    outputDir: `${process.env.REPORT_DIR ?? '../../.sandbox/reports'}/pictures`,
    workers: 1,
    timeout: 300_000,
    expect: { timeout: 30_000 },
    reporter: 'list',
    use: { launchOptions: await launchOptions() },
  }))();
