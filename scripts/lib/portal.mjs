// Starts the sandbox and the portal on it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startService, transform, until } from './services.mjs';
import { step } from './steps.mjs';
import { paths, root } from './workspace.mjs';

/** Starts the sandbox; answers what it says of itself when it is ready. */
export async function startSandbox({
  node,
  env,
  state = paths.state,
  ports,
  args = [],
}) {
  mkdirSync(state, { recursive: true });
  const service = startService(
    'sandbox',
    node,
    [
      ...transform,
      'packages/sandbox/src/cli.ts',
      '--state',
      state,
      '--ports',
      String(ports),
      ...args,
    ],
    { env },
  );
  const ready = await until(
    service,
    () => /^SANDBOX_READY (.*)$/m.exec(readFileSync(service.log, 'utf8')),
    { seconds: 120 },
  );
  return {
    service,
    faults: JSON.parse(ready[1]).faults,
    connections: JSON.parse(
      readFileSync(join(state, 'connections.json'), 'utf8'),
    ),
  };
}

/** Starts the portal on a running sandbox. */
export async function startPortal({ node, env, state = paths.state, port }) {
  const url = `http://localhost:${port}`;
  const config = join(state, 'app-config.portal.yaml');
  // JSON is YAML. Everything else comes from app-config.yaml and from the sandbox.
  writeFileSync(
    config,
    JSON.stringify(
      {
        app: { baseUrl: url },
        backend: {
          baseUrl: url,
          listen: { host: '127.0.0.1', port },
          cors: { origin: url },
          database: {
            client: 'better-sqlite3',
            connection: { directory: join(state, 'portal') },
          },
        },
      },
      undefined,
      2,
    ),
  );
  mkdirSync(join(state, 'portal'), { recursive: true });
  const configs = [
    join(root, 'app-config.yaml'),
    join(state, 'app-config.sandbox.yaml'),
    config,
  ];
  const service = startService(
    'portal',
    node,
    [
      ...transform,
      'src/index.ts',
      ...configs.flatMap(file => ['--config', file]),
    ],
    {
      cwd: join(root, 'packages/backend'),
      env: {
        ...env,
        NODE_ENV: 'development',
        LOG_LEVEL: env.LOG_LEVEL ?? 'info',
      },
    },
  );
  await until(service, () => answers(`${url}/.backstage/health/v1/readiness`), {
    seconds: 120,
  });
  await until(service, () => answers(`${url}/`), { seconds: 30 });
  return { service, url };
}

async function answers(url) {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2000) })).ok;
  } catch {
    return false;
  }
}

/** The sandbox and the portal, with words for people while they come up. */
export async function startAll({ toolchain, state, port, sandboxPort }) {
  const { connections, service: sandbox } = await step(
    'Starting the sandbox: clusters, tenants, forge',
    () => startSandbox({ ...toolchain, state, ports: sandboxPort }),
  );
  const { url, service: portal } = await step('Starting the portal', () =>
    startPortal({ ...toolchain, state, port }),
  );
  return { url, connections, sandbox, portal };
}
