import { startSandbox } from './lib/portal.mjs';
import {
  interrupted,
  readPort,
  requirePorts,
  SANDBOX_PORTS,
  stopServices,
} from './lib/services.mjs';
import { Advice, step } from './lib/steps.mjs';
import { home } from './lib/workspace.mjs';

const WORLDS = ['company', 'small', 'empty'];
const SPEEDS = ['real', 'fast'];

/** The world alone, for any client: writes .sandbox/connections.json and runs until it is interrupted. */
export default {
  summary: 'starts the sandbox alone, for kubectl, aws, rclone and git',

  help: `Starts the sandbox alone, for kubectl, aws, rclone and git. See docs/sandbox.md.

  npm run sandbox                            the world of npm start, ports from 9400 on
  npm run sandbox -- --sandbox-port 9500     another first port; it takes ${SANDBOX_PORTS} from there on
  npm run sandbox -- --world small           company (the default), small or empty
  npm run sandbox -- --speed fast            real (the default), or fast: clusters act without delay

Its state stays in .sandbox, which it shares with npm start.`,

  options: {
    'sandbox-port': {
      type: 'string',
      default: process.env.SANDBOX_PORT ?? '9400',
    },
    world: { type: 'string', default: WORLDS[0] },
    speed: { type: 'string', default: SPEEDS[0] },
  },

  read: values => ({
    ports: readPort('--sandbox-port', values['sandbox-port']),
    world: oneOf('--world', values.world, WORLDS),
    speed: oneOf('--speed', values.speed, SPEEDS),
  }),

  async run({ ports, world, speed, ...toolchain }) {
    const stop = interrupted();
    await requirePorts(ports, {
      count: SANDBOX_PORTS,
      what: 'of the sandbox',
      command: 'npm run sandbox',
      option: '--sandbox-port',
    });
    try {
      const { connections, service } = await step(
        'Starting the sandbox: clusters, tenants, forge',
        note =>
          startSandbox({
            ...toolchain,
            ports,
            args: ['--world', world, '--speed', speed],
            note,
          }),
      );
      console.log('');
      for (const { cluster, kubeconfig } of connections.kubernetes) {
        console.log(
          `  kubectl --kubeconfig ${kubeconfig} get tenants -A   # ${cluster}`,
        );
      }
      for (const { tenant, endpoint } of connections.rustfs) {
        console.log(`  ${tenant.padEnd(28)} ${endpoint}`);
      }
      console.log(`  ${'forge'.padEnd(28)} ${connections.forge.url}`);
      console.log(
        `\n  Addresses, keys and tokens: ${home}/connections.json (see docs/sandbox.md). Ctrl-C ends it.`,
      );
      if (
        (await Promise.race([stop, service.ended.then(() => 'ended')])) ===
        'ended'
      ) {
        throw new Advice(`The sandbox ended unexpectedly. See ${service.log}`);
      }
      return 0;
    } finally {
      await stopServices(name => console.log(`  Ending the ${name} …`));
    }
  },
};

function oneOf(option, value, choices) {
  if (!choices.includes(value)) {
    throw new Advice(
      `${option} takes one of ${choices.join(', ')}; "${value}" is none.`,
    );
  }
  return value;
}
