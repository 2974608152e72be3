// `npm start`, `npm test`, `npm run sandbox`, `npm run bench`: does the set-up, then the work, under a Node that Backstage
// supports. The same scripts started by Yarn are the plain commands of every Backstage repository.
import { spawnSync } from 'node:child_process';
import { Advice } from './lib/steps.mjs';
import { prepare } from './lib/toolchain.mjs';

const [command, ...args] = process.argv.slice(2);
const PLAIN = { start: ['repo', 'start'], test: ['repo', 'test'] };

try {
  if (
    process.env.npm_config_user_agent?.startsWith('yarn/') &&
    PLAIN[command]
  ) {
    const { status } = spawnSync(
      'backstage-cli',
      [...PLAIN[command], ...args],
      { stdio: 'inherit', shell: process.platform === 'win32' },
    );
    process.exitCode = status ?? 1;
  } else {
    const toolchain = await prepare();
    const { default: work } = await import(`./${command}.mjs`);
    process.exitCode = await work({ ...toolchain, args });
  }
} catch (error) {
  if (!(error instanceof Advice)) {
    throw error;
  }
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
