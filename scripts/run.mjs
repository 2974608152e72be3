// `npm start`, `npm test`, `npm run sandbox`, `npm run bench`, `npm run pictures`: does the set-up, then the work, under a
// Node that Backstage supports. The same scripts started by Yarn are the plain commands of every Backstage repository.
import { spawnSync } from 'node:child_process';
import { readCommand } from './lib/commandLine.mjs';
import { Advice } from './lib/steps.mjs';
import { prepare } from './lib/toolchain.mjs';

const PLAIN = { start: ['repo', 'start'], test: ['repo', 'test'] };

try {
  const [name, ...args] = process.argv.slice(2);
  if (process.env.npm_config_user_agent?.startsWith('yarn/') && PLAIN[name]) {
    const { status } = spawnSync('backstage-cli', [...PLAIN[name], ...args], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    process.exitCode = status ?? 1;
  } else {
    const { help, command, input } = await readCommand(process.argv.slice(2));
    if (help) {
      console.log(help);
    } else {
      process.exitCode = await command.run({ ...(await prepare()), ...input });
    }
  }
} catch (error) {
  if (!(error instanceof Advice)) {
    throw error;
  }
  console.error(`\n${error.message}\n`);
  process.exitCode = 1;
}
