import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { transform } from './lib/services.mjs';
import { root } from './lib/workspace.mjs';

export default async function bench({ node, env, args }) {
  const { status } = spawnSync(
    node,
    [...transform, 'bench/index.ts', ...args],
    {
      cwd: join(root, 'plugins/rustfs-backend'),
      env,
      stdio: 'inherit',
    },
  );
  return status ?? 1;
}
