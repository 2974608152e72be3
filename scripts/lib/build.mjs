import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run, step } from './steps.mjs';
import { digest, isDone, markDone, root } from './workspace.mjs';

/** Builds the pages of the portal where their sources have changed. */
export async function buildPages({ node, env }) {
  const value = digest([
    'packages/app',
    'plugins/rustfs',
    'plugins/rustfs-common',
    'yarn.lock',
    'tsconfig.json',
  ]);
  if (
    isDone('pages', value) &&
    existsSync(join(root, 'packages/app/dist/index.html'))
  ) {
    return;
  }
  await step('Building the pages (once, up to a minute)', async () => {
    await run(
      node,
      [
        join(root, 'node_modules/@backstage/cli/bin/backstage-cli'),
        'package',
        'build',
      ],
      {
        log: 'build',
        cwd: join(root, 'packages/app'),
        env: { ...env, NODE_OPTIONS: '--max-old-space-size=4096' },
      },
    );
  });
  markDone('pages', value);
}

/** Packs the setup program, which the sandbox starts where a cluster would start its image; answers where it is. */
export async function packSetup({ node, env }) {
  const program = join(root, 'packages/setup/dist/rustfs-setup.cjs');
  await run(node, ['build.mjs', program], {
    log: 'pack-setup',
    cwd: join(root, 'packages/setup'),
    env,
  });
  return program;
}
