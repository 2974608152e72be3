// The long-running parts: the sandbox and the portal, as child processes that end when this one ends.
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Advice, tail } from './steps.mjs';
import { paths, root } from './workspace.mjs';

export const transform = [
  '--no-node-snapshot',
  '--no-warnings',
  '-r',
  '@backstage/cli/config/nodeTransform.cjs',
];

/** How many ports in a row the sandbox takes at most. */
export const SANDBOX_PORTS = 30;

const endWithParent = fileURLToPath(
  new URL('./endWithParent.cjs', import.meta.url),
);

const children = new Set();

/** Starts a service; its output goes to a log. */
export function startService(name, node, args, options) {
  mkdirSync(paths.logs, { recursive: true });
  const file = join(paths.logs, `${name}.log`);
  const sink = openSync(file, 'w', 0o600);
  // A group of its own, so that Ctrl-C reaches it once, from here, and in order. The pipe to its standard input closes
  // however this process ends, and the service with it.
  // What it keeps holds keys, so it is for nobody else on this machine.
  const mask = process.umask(0o077);
  const child = spawn(node, ['-r', endWithParent, ...args], {
    cwd: root,
    stdio: ['pipe', sink, sink],
    detached: true,
    ...options,
    env: {
      ...(options?.env ?? process.env),
      PORTAL_STARTED: 'true',
    },
  });
  process.umask(mask);
  child.stdin.on('error', () => {});
  closeSync(sink);
  const service = {
    name,
    child,
    log: file,
    ended: new Promise(resolve => {
      child.on('close', (code, signal) => {
        children.delete(service);
        resolve({ code, signal });
      });
    }),
  };
  children.add(service);
  return service;
}

/**
 * Waits until `ready` answers something, for as long as the service shows signs of life: it uses the processor, or its log
 * grows. A slow or busy machine is therefore no failure; a service that hangs is one.
 *
 * @param what - what is waited for, for people
 * @param note - hears, every now and then, what is waited for and the last words of the service
 * @param patience - seconds without a sign of life after which it counts as hanging
 * @param limit - seconds after which it fails although something moves
 * @throws Advice that says what was waited for, and shows the last words of the service
 */
export async function until(
  service,
  ready,
  { what, note, patience = 120, limit = 1800 },
) {
  const begin = Date.now();
  let ended = false;
  service.ended.then(() => {
    ended = true;
  });
  let seen = signsOfLife(service);
  let lastSign = begin;
  for (;;) {
    const answer = await ready();
    if (answer) {
      return answer;
    }
    const fail = how => {
      throw new Advice(
        `The ${service.name} ${how} Its last words:\n\n${tail(
          service.log,
        )}\n\nAll of them: ${service.log}`,
      );
    };
    if (ended) {
      fail(`ended while this was waited for: ${what}.`);
    }
    const now = signsOfLife(service);
    if (now.cpu - seen.cpu > 0.5 || now.lines !== seen.lines) {
      seen = now;
      lastSign = Date.now();
    }
    const seconds = since => Math.round((Date.now() - since) / 1000);
    note?.(`waiting for ${what}; ${lastWords(service)}`);
    if (seconds(lastSign) >= patience) {
      fail(
        `has done nothing for ${seconds(
          lastSign,
        )} s, while this was waited for: ${what}.`,
      );
    }
    if (seconds(begin) >= limit) {
      fail(`still works after ${seconds(begin)} s, but not yet done: ${what}.`);
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
}

/** The name by which the requests of these scripts are told from others in the log of a service. */
export const USER_AGENT = 'portal-start';

function signsOfLife({ child, log }) {
  return { cpu: cpuSeconds(child.pid), lines: ownLines(log).length };
}

/** The lines of a log that are not the echo of our own asking. */
function ownLines(log) {
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter(line => line.trim() && !line.includes(USER_AGENT));
}

function lastWords({ log }) {
  const line = ownLines(log)
    .at(-1)
    // eslint-disable-next-line no-control-regex
    ?.replace(/\x1b\[[0-9;]*m/g, '');
  return line ? `last: ${line.slice(0, 160)}` : 'nothing in its log yet';
}

/** Processor time that a process has used; 0 where the machine does not tell. */
export function cpuSeconds(pid) {
  try {
    // The name of the program stands in parentheses and may hold blanks; utime and stime are fields 14 and 15.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    // no Linux
  }
  const { stdout } = spawnSync('ps', ['-o', 'time=', '-p', String(pid)], {
    encoding: 'utf8',
  });
  return (stdout ?? '')
    .trim()
    .split(/[-:]/)
    .reduce(
      (sum, part, index, parts) =>
        sum + Number(part) * [1, 60, 3600, 86400][parts.length - 1 - index],
      0,
    );
}

/**
 * Ends every service that still runs, the youngest first; one that does not end within five seconds is killed.
 *
 * @param announce - hears the name of each before it is ended
 */
export async function stopServices(announce) {
  for (const service of [...children].reverse()) {
    announce?.(service.name);
    const kill = signal => {
      try {
        process.kill(-service.child.pid, signal);
      } catch {
        // gone already
      }
    };
    kill('SIGTERM');
    const timer = setTimeout(() => kill('SIGKILL'), 5000);
    await service.ended;
    clearTimeout(timer);
  }
}

/** Ends the services on Ctrl-C and the like; answers when that has happened. */
export function interrupted() {
  return new Promise(resolve => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => resolve(signal));
    }
  });
}

/** Whether nothing listens on a port of this machine. */
export function isFree(port) {
  return new Promise(resolve => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/**
 * @param ports - one port, or the first of several in a row
 * @param command - what the person typed, up to the option
 * @throws Advice that names the taken port and what to do
 */
export async function requirePorts(
  first,
  { count = 1, what, command, option },
) {
  for (let port = first; port < first + count; port += 1) {
    if (!(await isFree(port))) {
      throw new Advice(
        `Port ${port} (${what}${
          count > 1 ? `, which takes ${first} to ${first + count - 1}` : ''
        }) is taken. End the program that listens there, or choose another port: ${command} -- ${option} ${
          first + 100 > MAX_PORT ? first - 100 : first + 100
        }`,
      );
    }
  }
}

const MIN_PORT = 1024;
const MAX_PORT = 65000;

/** @throws Advice when the text is no port that a person may choose */
export function readPort(name, text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < MIN_PORT || port > MAX_PORT) {
    throw new Advice(
      `${name} takes a port from ${MIN_PORT} to ${MAX_PORT}, for example 7007; "${text}" is none.`,
    );
  }
  return port;
}
