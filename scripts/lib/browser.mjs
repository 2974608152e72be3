// A portal and a sandbox of their own, for a browser to look at.
import { randomInt } from 'node:crypto';
import { rmSync } from 'node:fs';
import { buildPages } from './build.mjs';
import { startPortal, startSandbox } from './portal.mjs';
import { isFree } from './services.mjs';
import { step } from './steps.mjs';

/** Starts both in a new world, on ports that are free; answers where they are. */
export async function startForBrowser({ toolchain, state }) {
  rmSync(state, { recursive: true, force: true });
  await buildPages(toolchain);
  return step('Starting a portal and its sandbox for the browser', async () => {
    const sandbox = await startSandbox({ ...toolchain, state, ports: 'free' });
    const portal = await startPortal({
      ...toolchain,
      state,
      port: await freePort(),
    });
    return {
      url: portal.url,
      log: portal.service.log,
      faults: sandbox.faults,
    };
  });
}

/** Below the range that connections get their ports from, or one of the sandbox's many could take it meanwhile. */
async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 30_000);
    if (await isFree(port)) {
      return port;
    }
  }
}
