import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import {
  readPort,
  requirePorts,
  startService,
  stopServices,
  until,
} from './services.mjs';
import { Advice } from './steps.mjs';

afterEach(() => stopServices());

const sleep = milliseconds =>
  new Promise(resolve => setTimeout(resolve, milliseconds));

/** A service that runs the given program. */
const start = program =>
  startService('scripts-test', process.execPath, ['-e', program]);

const keepAlive = 'setInterval(() => {}, 1000);';

test('what a service writes is for nobody else', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'scripts-')), 'state');
  const before = process.umask();
  const service = start(
    `fs.mkdirSync(${JSON.stringify(file)}); fs.writeFileSync(${JSON.stringify(
      join(file, 'key'),
    )}, 'secret')`,
  );
  await service.ended;
  assert.equal(statSync(file).mode % 0o1000, 0o700);
  assert.equal(statSync(join(file, 'key')).mode % 0o1000, 0o600);
  assert.equal(process.umask(), before);
});

test('a service is waited for as long as its log grows', async () => {
  const service = start(
    'let n = 0; setInterval(() => console.log(++n === 8 ? "READY" : `part ${n}`), 500)',
  );
  const notes = [];
  await until(
    service,
    () => readFileSync(service.log, 'utf8').includes('READY'),
    {
      what: 'the last part',
      note: text => notes.push(text),
      patience: 2,
    },
  );
  assert.match(notes.at(-1), /^waiting for the last part; last: part \d/);
});

test('what a service writes is for nobody else', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'scripts-')), 'state');
  const before = process.umask();
  const service = start(
    `fs.mkdirSync(${JSON.stringify(file)}); fs.writeFileSync(${JSON.stringify(
      join(file, 'key'),
    )}, 'secret')`,
  );
  await service.ended;
  assert.equal(statSync(file).mode % 0o1000, 0o700);
  assert.equal(statSync(join(file, 'key')).mode % 0o1000, 0o600);
  assert.equal(process.umask(), before);
});

test('a service is waited for as long as it uses the processor', async () => {
  const service = start('for (;;) {}');
  const begin = Date.now();
  await until(service, () => Date.now() - begin > 5000, {
    what: 'the end of a computation',
    patience: 3,
  });
});

test('a service that does nothing is given up, with what was waited for and its last words', async () => {
  const service = start(`console.log('hanging now'); ${keepAlive}`);
  await assert.rejects(
    until(service, () => false, { what: 'the moon', patience: 2 }),
    error =>
      error instanceof Advice &&
      /has done nothing for \d+ s/.test(error.message) &&
      error.message.includes('the moon') &&
      error.message.includes('hanging now') &&
      error.message.includes(service.log),
  );
});

test('the echo of our own asking in the log of a service is no sign of its life', async () => {
  const service = start(
    `setInterval(() => console.log('"GET /readiness" 503 "portal-start"'), 200)`,
  );
  await assert.rejects(
    until(service, () => false, { what: 'the moon', patience: 3 }),
    /has done nothing/,
  );
});

test('a service that works without end is given up at last', async () => {
  const service = start('setInterval(() => console.log(Date.now()), 200)');
  await assert.rejects(
    until(service, () => false, { what: 'the moon', limit: 2 }),
    /still works after 2 s/,
  );
});

test('a service that ends is not waited for', async () => {
  const service = start('console.log("no such file"); process.exit(3)');
  await assert.rejects(
    until(service, () => false, { what: 'the moon' }),
    /ended while this was waited for: the moon[^]*no such file/,
  );
});

test('services end when the process that started them is killed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'services-'));
  const program = join(dir, 'starter.mjs');
  writeFileSync(
    program,
    `import { startService } from ${JSON.stringify(
      new URL('./services.mjs', import.meta.url).href,
    )};
     const { child } = startService('scripts-test-orphan', process.execPath, ['-e', ${JSON.stringify(
       `console.log('up'); ${keepAlive}`,
     )}]);
     console.log(child.pid);
     setInterval(() => {}, 1000);`,
  );
  const starter = spawn(process.execPath, [program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await new Promise(resolve =>
    starter.stdout.once('data', data => resolve(Number(data))),
  );
  assert.ok(isAlive(pid));
  starter.kill('SIGKILL');
  for (let i = 0; i < 100 && isAlive(pid); i += 1) {
    await sleep(100);
  }
  assert.ok(!isAlive(pid));
});

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

test('services are ended with their names said', async () => {
  const service = start(keepAlive);
  const names = [];
  await stopServices(name => names.push(name));
  assert.deepEqual(names, ['scripts-test']);
  assert.equal((await service.ended).signal, 'SIGTERM');
});

test('the advice for a taken port is a command that can be typed', async () => {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  try {
    await assert.rejects(
      requirePorts(port - 5, {
        count: 30,
        what: 'of the sandbox',
        command: 'npm run sandbox',
        option: '--sandbox-port',
      }),
      error =>
        error instanceof Advice &&
        error.message.startsWith(`Port ${port} `) &&
        /npm run sandbox -- --sandbox-port \d+$/.test(error.message),
    );
  } finally {
    server.close();
  }
});

test('a port is a whole number that a person may choose', () => {
  assert.equal(readPort('--port', '8007'), 8007);
  for (const text of ['', 'x', '80', '70000', '8007.5', '-1']) {
    assert.throws(() => readPort('--port', text), Advice, text);
  }
});
