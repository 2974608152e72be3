import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { transform } from './lib/services.mjs';
import { root } from './lib/workspace.mjs';

const summary =
  'prints what a page, and following requests, cost in calls and time';

export default {
  summary,
  help: `npm run bench ${summary}, and fails where that is more with more buckets, or more than it may be for a merge. It takes
some minutes. It has no options.`,

  async run({ node, env }) {
    const run = script =>
      spawnSync(node, [...transform, script], {
        cwd: join(root, 'plugins/rustfs-backend'),
        env,
        stdio: 'inherit',
      }).status ?? 1;
    return run('bench/index.ts') || run('bench/following.ts');
  },
};
