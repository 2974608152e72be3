import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { readCommand } from './commandLine.mjs';
import { Advice } from './steps.mjs';

const NAMES = ['start', 'test', 'sandbox', 'bench', 'pictures'];
const script = fileURLToPath(new URL('../run.mjs', import.meta.url));

test('without a command, and with --help, the commands are listed', async () => {
  for (const args of [[], ['--help'], ['-h']]) {
    const { help } = await readCommand(args);
    for (const typed of [
      'npm start',
      'npm test',
      'npm run sandbox',
      'npm run bench',
      'npm run pictures',
    ]) {
      assert.ok(help.includes(typed), typed);
    }
  }
});

for (const name of NAMES) {
  test(`${name} --help says what there is, and starts nothing`, () => {
    for (const option of ['--help', '-h']) {
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [script, name, option],
        { encoding: 'utf8', env: { PATH: '' }, timeout: 10_000 },
      );
      assert.equal(status, 0, stderr);
      assert.ok(stdout.length > 50, stdout);
      assert.equal(stderr, '');
    }
  });

  test(`${name} refuses an option that it does not know, with its help`, async () => {
    const { help } = await readCommand([name, '--help']);
    for (const args of [['--prot', '1'], ['nothing-of-this-name']]) {
      await assert.rejects(
        readCommand([name, ...args]),
        error => error instanceof Advice && error.message.endsWith(help),
      );
    }
  });

  test(`the help of ${name} names each of its options`, async () => {
    const { help } = await readCommand([name, '--help']);
    const { default: command } = await import(`../${name}.mjs`);
    for (const option of Object.keys(command.options ?? {})) {
      assert.ok(help.includes(`--${option}`), option);
    }
  });
}

test('a command that does not exist is refused with those that do', async () => {
  for (const name of ['strat', 'constructor', '__proto__']) {
    await assert.rejects(
      readCommand([name]),
      error => error instanceof Advice && error.message.includes('npm start'),
    );
  }
});

test('options are read', async () => {
  const { input } = await readCommand([
    'start',
    '--port',
    '8007',
    '--sandbox-port=9500',
    '--reset',
  ]);
  assert.deepEqual(
    { ...input },
    { port: 8007, sandboxPort: 9500, reset: true },
  );
  await assert.rejects(
    readCommand(['sandbox', '--world', 'large']),
    /--world takes one of company, small, empty; "large" is none/,
  );
  assert.deepEqual((await readCommand(['test', 'unit'])).input, {
    only: ['unit'],
  });
});
