// What the tests of the examples share: a sandbox, and the portal's backend before it, with the module of an example. Only
// this and the sandbox come from the repository; the packages are those that are packed.
const { mkdtemp, readFile, rm } = require('node:fs/promises');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { setTimeout: sleep } = require('node:timers/promises');
const {
  coreServices,
  createServiceFactory,
} = require('@backstage/backend-plugin-api');
const {
  mockServices,
  startTestBackend,
} = require('@backstage/backend-test-utils');
const {
  catalogServiceMock,
} = require('@backstage/plugin-catalog-node/testUtils');
const { notificationService } = require('@backstage/plugin-notifications-node');
const { signalsServiceRef } = require('@backstage/plugin-signals-node');
const { startSandbox } = require('@rustfs-portal/sandbox');
const { parse } = require('yaml');

const ENTITY = 'component:default/invoices';

/** What has not happened by then does not happen. */
const TIMEOUT_MS = 30_000;

const ENDS = new Set(['ready', 'failed']);

/** A service that others would bring, and nobody needs here. */
const silent = (service, api) =>
  createServiceFactory({ service, deps: {}, factory: () => api });

class Portal {
  #backend;
  #scheduler = mockServices.scheduler();
  #stateDir;
  sandbox;

  /**
   * @param features - the backend plugin and the module, as they are installed
   * @param sandbox - options of the sandbox
   * @param configure - changes what the sandbox writes under `rustfs`, once it runs
   */
  static async start({ features, sandbox, configure = async c => c }) {
    const portal = new Portal();
    try {
      await portal.#start(features, sandbox, configure);
      return portal;
    } catch (error) {
      await portal.stop();
      throw error;
    }
  }

  async #start(features, options, configure) {
    this.#stateDir = await mkdtemp(join(tmpdir(), 'rustfs-example-'));
    this.sandbox = await startSandbox({
      stateDir: this.#stateDir,
      speed: 'fast',
      ...options,
    });
    const { rustfs } = parse(
      await readFile(this.sandbox.portalConfigPath, 'utf8'),
    );
    const config = await configure(rustfs, this.sandbox);
    this.#backend = await startTestBackend({
      features: [
        ...features,
        mockServices.rootConfig.factory({ data: { rustfs: config } }),
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Component',
              metadata: { name: 'invoices', namespace: 'default' },
              relations: [
                { type: 'ownedBy', targetRef: 'group:default/checkout' },
              ],
            },
          ],
        }),
        silent(coreServices.scheduler, this.#scheduler),
        silent(notificationService, { send: async () => {} }),
        silent(signalsServiceRef, { publish: async () => {} }),
      ],
    });
  }

  async stop() {
    await this.#backend?.stop();
    await this.sandbox?.stop();
    await rm(this.#stateDir, { recursive: true, force: true });
  }

  /** Calls the backend as a person. */
  async call(method, path, body, headers = {}) {
    const response = await fetch(
      `http://localhost:${this.#backend.server.port()}/api/rustfs${path}`,
      {
        method,
        headers: {
          Authorization: 'Bearer mock-user-token',
          'Content-Type': 'application/json',
          ...headers,
        },
        body: body && JSON.stringify(body),
      },
    );
    return { status: response.status, body: await response.json() };
  }

  /** Calls the forge as somebody who looks after the repositories. */
  async callForge(method, path, body) {
    const { url, users } = this.sandbox.connections.forge;
    const response = await fetch(`${url}/api/v1/repos/acme/atlas${path}`, {
      method,
      headers: {
        Authorization: `token ${users.carla.token}`,
        'Content-Type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
    return response;
  }

  /** Asks for something and merges what the portal proposes. */
  async askAndMerge(asked, key) {
    const { body: request } = await this.call('POST', '/requests', asked, {
      'Idempotency-Key': key,
    });
    if (request.state !== 'proposed') {
      throw new Error(`Not proposed: ${JSON.stringify(request)}`);
    }
    await this.callForge('POST', `/pulls/${request.pullRequest.number}/merge`, {
      Do: 'merge',
    });
    return request;
  }

  /**
   * Follows a request until it is ready, or no further.
   *
   * @param meanwhile - what others do at every look
   * @param until - whether it has come far enough
   */
  async follow(
    id,
    { meanwhile = async () => {}, until = ({ state }) => ENDS.has(state) } = {},
  ) {
    let current;
    await this.until(async () => {
      await meanwhile();
      await this.#scheduler.triggerTask('rustfs-follow-requests');
      await this.#scheduler.triggerTask('rustfs-settle-buckets');
      ({ body: current } = await this.call('GET', `/requests/${id}`));
      return until(current);
    });
    return current;
  }

  /** Looks again and again, as long as it makes sense. */
  async until(look) {
    for (const end = Date.now() + TIMEOUT_MS; Date.now() < end; ) {
      if (await look()) {
        return;
      }
      await sleep(200);
    }
  }
}

module.exports = { ENTITY, Portal };
