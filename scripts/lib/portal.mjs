// Starts the sandbox and the portal on it.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packSetup } from './build.mjs';
import { startService, transform, until, USER_AGENT } from './services.mjs';
import { step } from './steps.mjs';
import { paths, root } from './workspace.mjs';

/** Starts the sandbox; answers what it says of itself when it is ready. */
export async function startSandbox({
  node,
  env,
  state = paths.state,
  ports,
  args = [],
  note,
}) {
  mkdirSync(state, { recursive: true });
  const setupProgram = await packSetup({ node, env });
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
      '--setup-program',
      setupProgram,
      ...args,
    ],
    { env },
  );
  const ready = await until(
    service,
    () => /^SANDBOX_READY (.*)$/m.exec(readFileSync(service.log, 'utf8')),
    { what: 'the sandbox to be up', note },
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
export async function startPortal({
  node,
  env,
  state = paths.state,
  port,
  note,
}) {
  const url = `http://localhost:${port}`;
  const config = join(state, 'app-config.portal.yaml');
  const webhookSecret = randomBytes(32).toString('hex');
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
        events: { modules: { gitea: { webhookSecret } } },
      },
      undefined,
      2,
    ),
    { mode: 0o600 },
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
        // In development errors show stacks with the paths of this machine; in production every plugin warns of localhost.
        NODE_ENV: undefined,
        LOG_LEVEL: env.LOG_LEVEL ?? 'info',
      },
    },
  );
  await until(service, () => answers(`${url}/.backstage/health/v1/readiness`), {
    what: 'the backend to start all of its plugins',
    note,
  });
  await until(service, () => answers(`${url}/`), {
    what: 'the pages to be served',
    note,
  });
  // Before that nobody can sign in: people are entities, too.
  const entityRefs = await readEntityRefs();
  await until(service, () => hasEntities(url, entityRefs), {
    what: 'the catalog to read the people and services of examples/',
    note,
  });
  return { service, url, webhookSecret };
}

const HOOK_PATH = '/api/events/http/gitea';

/** Has the forge tell the portal what happens, as whoever looks after the repositories would on its pages. */
async function addWebhooks(connections, { port, webhookSecret }) {
  const { url, users } = connections.forge;
  for (const { cluster } of connections.kubernetes) {
    const hooks = `${url}/api/v1/repos/acme/${cluster}/hooks`;
    const call = async (address, options) => {
      const response = await fetch(address, {
        ...options,
        headers: {
          authorization: `token ${users.carla.token}`,
          'content-type': 'application/json',
        },
      });
      if (!response.ok) {
        throw new Error(`${address} answers ${response.status}`);
      }
      return response;
    };
    const known = await (await call(hooks)).json();
    // Of a start before, perhaps on another port.
    for (const hook of known.filter(({ config }) =>
      config.url.endsWith(HOOK_PATH),
    )) {
      await call(`${hooks}/${hook.id}`, { method: 'DELETE' });
    }
    await call(hooks, {
      method: 'POST',
      body: JSON.stringify({
        type: 'gitea',
        active: true,
        events: ['push', 'pull_request'],
        config: {
          url: `http://127.0.0.1:${port}${HOOK_PATH}`,
          content_type: 'json',
          secret: webhookSecret,
        },
      }),
    });
  }
}

async function answers(url) {
  return Boolean(await ask(url));
}

/** What the portal's catalog is configured to read. */
async function readEntityRefs() {
  // Only there once the dependencies are installed.
  const { parseAllDocuments } = await import('yaml');
  const catalog = join(root, 'examples/catalog');
  const templates = join(root, 'templates');
  return [
    ...readdirSync(catalog).map(name => join(catalog, name)),
    ...readdirSync(templates).map(name =>
      join(templates, name, 'template.yaml'),
    ),
  ]
    .flatMap(file => parseAllDocuments(readFileSync(file, 'utf8')))
    .map(document => document.toJS())
    .map(({ kind, metadata }) =>
      `${kind}:default/${metadata.name}`.toLowerCase(),
    );
}

/** Whether the catalog has read its files, as the platform engineer sees it. */
async function hasEntities(url, entityRefs) {
  const signIn = await ask(`${url}/api/auth/demo/refresh`, {
    headers: {
      'x-demo-user': 'carla',
      'x-requested-with': 'XMLHttpRequest',
    },
  });
  const { token } = (await signIn?.json())?.backstageIdentity ?? {};
  const answer =
    token &&
    (await ask(`${url}/api/catalog/entities/by-refs`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ entityRefs, fields: ['kind'] }),
    }));
  const { items } = (await answer?.json?.()) ?? {};
  return items?.every(Boolean);
}

/** The answer, if there is one and all is well. */
async function ask(url, options) {
  try {
    const signal = AbortSignal.timeout(10_000);
    const response = await fetch(url, {
      ...options,
      headers: { 'user-agent': USER_AGENT, ...options?.headers },
      signal,
    });
    return response.ok ? response : undefined;
  } catch {
    return undefined;
  }
}

/** The sandbox and the portal, with words for people while they come up. */
export async function startAll({ toolchain, state, port, sandboxPort }) {
  const { connections, service: sandbox } = await step(
    'Starting the sandbox: clusters, tenants, forge',
    note => startSandbox({ ...toolchain, state, ports: sandboxPort, note }),
  );
  const { url, service: portal } = await step(
    'Starting the portal',
    async note => {
      const started = await startPortal({ ...toolchain, state, port, note });
      await addWebhooks(connections, { ...started, port });
      return started;
    },
  );
  return { url, connections, sandbox, portal };
}
