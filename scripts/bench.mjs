import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { transform } from './lib/services.mjs';
import { root } from './lib/workspace.mjs';

const summary = 'prints what a page costs in calls and time';

export default {
  summary,
  help: `npm run bench ${summary}, and fails where it costs more with more buckets. It has no options.`,

  async run({ node, env }) {
    const { status } = spawnSync(node, [...transform, 'bench/index.ts'], {
      cwd: join(root, 'plugins/rustfs-backend'),
      env,
      stdio: 'inherit',
    });
    return status ?? 1;
  },
};
