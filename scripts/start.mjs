import { parseArgs } from 'node:util';
import { buildPages } from './lib/build.mjs';
import { startAll } from './lib/portal.mjs';
import { interrupted, requirePort, stopServices } from './lib/services.mjs';
import { Advice, step } from './lib/steps.mjs';
import { forgetState, paths } from './lib/workspace.mjs';

const HELP = `Starts the portal and the sandbox that it is tried on.

  npm start                          http://localhost:7007
  npm start -- --port 8007           another port for the portal
  npm start -- --sandbox-port 9500   another first port for the sandbox, which takes about thirty from there on
  npm start -- --reset               forget all requests, repositories and objects, and begin anew`;

export default async function start({ args, ...toolchain }) {
  const { port, sandboxPort, reset, help } = readOptions(args);
  if (help) {
    console.log(HELP);
    return 0;
  }
  await requirePort(port, 'the portal', '--port');
  await requirePort(sandboxPort, 'the first of the sandbox', '--sandbox-port');
  if (reset) {
    await step('Forgetting the world of before', async () => forgetState());
  }
  const stop = interrupted();
  try {
    await buildPages(toolchain);
    const { url, connections, sandbox, portal } = await startAll({
      toolchain,
      port,
      sandboxPort,
    });
    const forge = connections.forge;
    const line = (label, text) => console.log(`  ${label.padEnd(12)}${text}`);
    console.log('');
    line('Portal', url);
    line(
      'Sign in as',
      'Ada (team Checkout), Bruno (team Insights), Carla (platform engineer), …',
    );
    line(
      'Forge',
      `${forge.url}   user carla, password ${forge.users.carla.password}`,
    );
    console.log(`
  Three things to try
  1. As Ada, open the service "invoices", tab Storage, and press Request bucket.
  2. As Carla, sign in to the forge, read the pull request, approve and merge it.
  3. Watch the request become ready in Ada's open page. Then look at the same page as Bruno.

  State is kept in .sandbox (npm start -- --reset begins anew). Logs: ${paths.logs}
  Ctrl-C ends everything.`);
    const end = await Promise.race([
      stop.then(() => undefined),
      ...[sandbox, portal].map(service => service.ended.then(() => service)),
    ]);
    if (end) {
      throw new Advice(`The ${end.name} ended unexpectedly. See ${end.log}`);
    }
    console.log('\n  Ending …');
    return 0;
  } finally {
    await stopServices();
  }
}

function readOptions(args) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: 'string', default: process.env.PORTAL_PORT ?? '7007' },
        'sandbox-port': {
          type: 'string',
          default: process.env.SANDBOX_PORT ?? '9400',
        },
        reset: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    return {
      ...values,
      port: readPort('--port', values.port),
      sandboxPort: readPort('--sandbox-port', values['sandbox-port']),
    };
  } catch (error) {
    throw new Advice(`${error.message}\n\n${HELP}`);
  }
}

function readPort(name, text) {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1024 || port > 65000) {
    throw new Advice(
      `${name} takes a port from 1024 to 65000, for example 7007; "${text}" is none.`,
    );
  }
  return port;
}
