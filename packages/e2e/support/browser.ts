import { LaunchOptions } from '@playwright/test';

/**
 * The browser comes from npm where there is a build of it for this machine; elsewhere an installed Chrome is used.
 */
export async function launchOptions(): Promise<LaunchOptions> {
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { default: chromium } = await import('@sparticuz/chromium');
    return {
      executablePath: await chromium.executablePath(),
      args: chromium.args.filter(
        // One process for everything is for functions in the cloud; here it makes a crash of a page the end of all.
        arg => !['--single-process', '--no-zygote'].includes(arg),
      ),
      headless: true,
    };
  }
  return { channel: 'chrome', headless: true };
}
