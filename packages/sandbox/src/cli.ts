import { InputError } from '@backstage/errors';
import { parseArgs } from 'node:util';
import { SandboxOptions, SandboxPorts, startSandbox } from './sandbox';
import { companyWorld, tenantRefOf } from './world';

const USAGE = `Usage: sandbox [--state DIR] [--world company|small|empty] [--speed real|fast] [--ports BASE|free]
               [--setup-program FILE]

--state   folder for all state (default .sandbox)
--ports   first of about 30 ports in a row (default 9400): the forge at BASE, faults at BASE+1,
          Kubernetes APIs from BASE+10, RustFS servers from BASE+20; "free" takes free ones
--setup-program  what packages/setup was packed into, for servers without operator`;

const DEFAULT_PORT_BASE = 9400;

/** Answers nothing when help was asked for. */
function parseOptions(args: string[]): SandboxOptions | undefined {
  const { values } = parseArgs({
    args,
    options: {
      state: { type: 'string', default: '.sandbox' },
      world: { type: 'string', default: 'company' },
      speed: { type: 'string', default: 'real' },
      ports: { type: 'string', default: String(DEFAULT_PORT_BASE) },
      'setup-program': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    return undefined;
  }
  return {
    stateDir: values.state,
    world: oneOf('--world', values.world, [
      'company',
      'small',
      'empty',
    ] as const),
    speed: oneOf('--speed', values.speed, ['real', 'fast'] as const),
    setupProgram: values['setup-program'],
    ports: values.ports === 'free' ? {} : portsFrom(Number(values.ports)),
  };
}

function oneOf<T extends string>(
  option: string,
  value: string,
  choices: readonly T[],
): T {
  const choice = choices.find(c => c === value);
  if (!choice) {
    throw new InputError(
      `${option}: expected one of ${choices.join(', ')}, got "${value}"`,
    );
  }
  return choice;
}

function portsFrom(base: number): SandboxPorts {
  if (!Number.isInteger(base) || base < 1024 || base > 65_000) {
    throw new InputError(
      '--ports: expected a number from 1024 to 65000, or "free"',
    );
  }
  const { clusters } = companyWorld;
  const tenants = clusters.flatMap(cluster =>
    cluster.tenants.map(tenant => tenantRefOf(cluster, tenant)),
  );
  return {
    forge: base,
    control: base + 1,
    kubernetes: Object.fromEntries(
      clusters.map(({ name }, index) => [name, base + 10 + index]),
    ),
    rustfs: Object.fromEntries(
      tenants.map((ref, index) => [ref, base + 20 + index]),
    ),
  };
}

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (!options) {
    console.log(USAGE);
    return;
  }
  const sandbox = await startSandbox({
    ...options,
    onReady: part => console.log(`ready: ${part}`),
    logger: {
      info: () => {},
      warn: message => console.error(message),
    },
  });
  let ending = false;
  const end = () => {
    if (!ending) {
      ending = true;
      sandbox.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    }
  };
  process.on('SIGINT', end);
  process.on('SIGTERM', end);
  console.log(
    `SANDBOX_READY ${JSON.stringify({
      connections: sandbox.connectionsPath,
      portalConfig: sandbox.portalConfigPath,
      faults: `${sandbox.controlUrl}/faults`,
      forge: sandbox.connections.forge.url,
      kubernetes: Object.fromEntries(
        Object.entries(sandbox.kubernetes).map(([name, { url }]) => [
          name,
          url,
        ]),
      ),
      rustfs: Object.fromEntries(
        Object.entries(sandbox.rustfs).map(([ref, { endpoint }]) => [
          ref,
          endpoint,
        ]),
      ),
    })}`,
  );
}

main().catch(error => {
  console.error(error instanceof Error ? error.message : error);
  if (
    error instanceof InputError ||
    error?.code?.startsWith('ERR_PARSE_ARGS')
  ) {
    console.error(USAGE);
  }
  process.exit(1);
});
