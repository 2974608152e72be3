// The long-running parts: the sandbox and the portal, as child processes that end when this one ends.
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Advice, tail } from './steps.mjs';
import { paths, root } from './workspace.mjs';

export const transform = [
  '--no-node-snapshot',
  '--no-warnings',
  '-r',
  '@backstage/cli/config/nodeTransform.cjs',
];

const children = new Set();

/** Starts a service; its output goes to a log. */
export function startService(name, node, args, options) {
  mkdirSync(paths.logs, { recursive: true });
  const file = join(paths.logs, `${name}.log`);
  const sink = openSync(file, 'w');
  // A group of its own, so that Ctrl-C reaches it once, from here, and in order.
  const child = spawn(node, args, {
    cwd: root,
    stdio: ['ignore', sink, sink],
    detached: true,
    ...options,
  });
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

/** Waits until `ready` answers something, while the service runs. */
export async function until(service, ready, { seconds }) {
  const deadline = Date.now() + seconds * 1000;
  let ended;
  service.ended.then(result => {
    ended = result;
  });
  while (Date.now() < deadline) {
    const answer = await ready();
    if (answer) {
      return answer;
    }
    if (ended) {
      throw new Advice(
        `The ${service.name} ended while starting. Its last words:\n\n${tail(
          service.log,
        )}\n\nAll of them: ${service.log}`,
      );
    }
    await new Promise(resolve => setTimeout(resolve, 500));
  }
  throw new Advice(
    `The ${
      service.name
    } did not become ready within ${seconds} s. Its last words:\n\n${tail(
      service.log,
    )}\n\nAll of them: ${service.log}`,
  );
}

/** Ends every service, the youngest first; one that does not end within five seconds is killed. */
export async function stopServices() {
  for (const service of [...children].reverse()) {
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

/** @throws Advice that names the taken port and what to do */
export async function requirePort(port, what, option) {
  if (!(await isFree(port))) {
    throw new Advice(
      `Port ${port} (${what}) is taken. End the program that listens there, or choose another port: npm start -- ${option} ${
        port + 100
      }`,
    );
  }
}
