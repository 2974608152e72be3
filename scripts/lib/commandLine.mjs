// What people may type after a command. It is read before anything is installed, so that help costs nothing and a
// misspelt option does not start a world.
import { parseArgs } from 'node:util';
import { Advice } from './steps.mjs';

/** The commands, in the order in which help shows them. Each is a file of this name in `scripts/`. */
const COMMANDS = {
  start: 'npm start',
  test: 'npm test',
  sandbox: 'npm run sandbox',
  bench: 'npm run bench',
  pictures: 'npm run pictures',
};

const HELP_OPTION = { help: { type: 'boolean', short: 'h', default: false } };

/**
 * Reads a command line: the name of a command and what follows.
 *
 * @returns `help` to print, or the `command` with the `input` that its `read` made of the options
 * @throws Advice with the help of the command, when something is not known
 */
export async function readCommand([name, ...args]) {
  if (name === undefined || name === '--help' || name === '-h') {
    return { help: await overview() };
  }
  if (!Object.hasOwn(COMMANDS, name)) {
    throw new Advice(`There is no command "${name}".\n\n${await overview()}`);
  }
  const { default: command } = await import(`../${name}.mjs`);
  try {
    const { values, positionals } = parseArgs({
      args,
      options: { ...command.options, ...HELP_OPTION },
      allowPositionals: Boolean(command.allowPositionals),
    });
    return values.help
      ? { help: command.help }
      : { command, input: command.read?.(values, positionals) ?? {} };
  } catch (error) {
    if (error instanceof Advice || error.code?.startsWith('ERR_PARSE_ARGS')) {
      throw new Advice(`${error.message}\n\n${command.help}`);
    }
    throw error;
  }
}

async function overview() {
  const lines = await Promise.all(
    Object.entries(COMMANDS).map(async ([name, typed]) => {
      const { default: command } = await import(`../${name}.mjs`);
      return `  ${typed.padEnd(18)}${command.summary}`;
    }),
  );
  return `${lines.join('\n')}\n\nEach says more with --help, for example: ${
    COMMANDS.sandbox
  } -- --help`;
}
