import { buildPages } from './lib/build.mjs';
import { startAll } from './lib/portal.mjs';
import {
  interrupted,
  readPort,
  requirePorts,
  SANDBOX_PORTS,
  stopServices,
} from './lib/services.mjs';
import { Advice, step } from './lib/steps.mjs';
import { forgetState, paths } from './lib/workspace.mjs';

export default {
  summary: 'starts the portal and the sandbox that it is tried on',

  help: `Starts the portal and the sandbox that it is tried on.

  npm start                          http://localhost:7007
  npm start -- --port 8007           another port for the portal
  npm start -- --sandbox-port 9500   another first port for the sandbox, which takes ${SANDBOX_PORTS} from there on
  npm start -- --reset               forget all requests, repositories and objects, and begin anew`,

  options: {
    port: { type: 'string', default: process.env.PORTAL_PORT ?? '7007' },
    'sandbox-port': {
      type: 'string',
      default: process.env.SANDBOX_PORT ?? '9400',
    },
    reset: { type: 'boolean', default: false },
  },

  read: ({ reset, ...values }) => ({
    reset,
    port: readPort('--port', values.port),
    sandboxPort: readPort('--sandbox-port', values['sandbox-port']),
  }),

  run: start,
};

async function start({ port, sandboxPort, reset, ...toolchain }) {
  const command = 'npm start';
  await requirePorts(port, { what: 'the portal', command, option: '--port' });
  await requirePorts(sandboxPort, {
    count: SANDBOX_PORTS,
    what: 'of the sandbox',
    command,
    option: '--sandbox-port',
  });
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
  Five things to try
  1. As Ada, open the service "invoices", tab Storage, and press Request bucket.
  2. As Carla, sign in to the forge, read the pull request, approve and merge it.
  3. Watch the request become ready in Ada's open page. Then look at the same page as Bruno.
  4. As Carla, enable self-service for borealis/storage/archive, a server that no operator runs. Its program finds its
     key in Secret rustfs-provisioner of namespace storage-archive-setup (accesskey, secretkey).
  5. As Carla, ask for a bucket of the service "loki" on polaris/storage/edge: its repository is on GitHub, and Argo CD
     applies it.

  State is kept in .sandbox (npm start -- --reset begins anew). Logs: ${paths.logs}
  Ctrl-C ends everything.`);
    const end = await Promise.race([
      stop.then(() => undefined),
      ...[sandbox, portal].map(service => service.ended.then(() => service)),
    ]);
    if (end) {
      throw new Advice(`The ${end.name} ended unexpectedly. See ${end.log}`);
    }
    console.log('');
    return 0;
  } finally {
    await stopServices(name => console.log(`  Ending the ${name} …`));
  }
}
