import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { startForBrowser } from './lib/browser.mjs';
import { stopServices } from './lib/services.mjs';
import { run, step } from './lib/steps.mjs';
import { home, paths, root } from './lib/workspace.mjs';

const summary = 'makes the pictures in docs/images anew';

export default {
  summary,
  help: `npm run pictures ${summary}, of a portal and a sandbox that it starts and ends. It has no options.`,
  run: pictures,
};

async function pictures(toolchain) {
  const state = join(home, 'pictures-state');
  try {
    const { url } = await startForBrowser({ toolchain, state });
    await step('Taking the pictures', async note => {
      await run(
        join(root, 'node_modules/.bin/playwright'),
        ['test', '--config', 'pictures.config.ts'],
        {
          log: 'pictures',
          cwd: join(root, 'packages/e2e'),
          env: {
            ...toolchain.env,
            PORTAL_URL: url,
            SANDBOX_STATE: state,
            REPORT_DIR: paths.reports,
          },
          onLine: line => note(line.trim()),
        },
      );
      const images = readdirSync(join(root, 'docs/images'));
      return `${images.length} in docs/images`;
    });
    return 0;
  } finally {
    await stopServices();
  }
}
