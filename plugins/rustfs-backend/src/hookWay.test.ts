import { createHmac } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { TestDatabases } from '@backstage/backend-test-utils';
import eventsPlugin from '@backstage/plugin-events-backend';
import { eventsServiceFactory } from '@backstage/plugin-events-node';
import eventsModuleRustfs from '@rustfs-portal/plugin-events-backend-module-rustfs';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { AccessWorld } from './__testUtils__/AccessWorld';

jest.setTimeout(300_000);

const SECRET = 'a-secret-of-the-webhook';

describe('webhooks of the forge', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let world: AccessWorld;
  let calls: string[] = [];

  beforeAll(async () => {
    world = await AccessWorld.start({
      databases,
      rootConfig: {
        events: {
          useEventBus: 'never',
          modules: { gitea: { webhookSecret: SECRET } },
        },
      },
      config: {
        requests: {
          followInterval: { hours: 1 },
          limits: { requestsPerHour: 1_000 },
        },
      },
      services: [eventsPlugin, eventsModuleRustfs, eventsServiceFactory],
    });
    const { status } = await world.forge('POST', '/hooks', {
      type: 'gitea',
      active: true,
      events: ['push', 'pull_request'],
      config: {
        url: `${world.url}/api/events/http/gitea`,
        content_type: 'json',
        secret: SECRET,
      },
    });
    if (status !== 201) {
      throw new Error(`The webhook was not added: ${status}`);
    }
    world.sandbox.forge.faults.set({
      hangUp: ({ method, path }) => {
        // Flux fetches all the time.
        if (path.startsWith('/api/')) {
          calls.push(
            `${method} ${path.replace(/.*\/repos\/[^/]+\/[^/]+/, '')}`,
          );
        }
        return undefined;
      },
    });
  });

  afterAll(() => world?.stop());

  const ask = (bucket: string) =>
    world.ask('bucket-create', {
      bucket,
      quota: '10Mi',
      dataClass: 'internal',
    });

  /** No round of its own time comes in this test. */
  async function until(
    { id }: StorageRequest,
    isThere: (request: StorageRequest) => boolean,
  ): Promise<StorageRequest> {
    for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
      const request = await world.read(id);
      if (isThere(request)) {
        return request;
      }
      if (Date.now() > deadline) {
        throw new Error(`Stands still: ${JSON.stringify(request, null, 2)}`);
      }
    }
  }

  async function isQuiet() {
    for (let before = -1; before !== calls.length; ) {
      before = calls.length;
      await sleep(3_000);
    }
  }

  it('have the portal see at once what people do, at the pull request alone that it was done to', async () => {
    const [one, other] = [
      await ask('checkout-hook-a'),
      await ask('checkout-hook-b'),
    ];
    await isQuiet();
    calls = [];
    const { number } = one.pullRequest!;
    await world.forge('POST', `/pulls/${number}/reviews`, {
      event: 'REQUEST_CHANGES',
      body: 'Another name, please',
    });
    await until(one, ({ pullRequest }) =>
      Boolean(pullRequest?.changesRequestedBy?.length),
    );
    expect(calls).toContain(`GET /pulls/${number}`);
    expect(calls).not.toContain('GET /pulls');
    expect(calls).not.toContain(`GET /pulls/${other.pullRequest!.number}`);
    await world.forge('POST', `/pulls/${number}/reviews`, {
      event: 'APPROVED',
    });
    await until(
      one,
      ({ pullRequest }) => !pullRequest?.changesRequestedBy?.length,
    );

    await expect(world.merge(one)).resolves.toBe(200);
    await until(one, ({ state }) => state !== 'proposed');
    // The other one edits the same file: it is rendered anew, or left alone, without a person.
    for (let tries = 0; (await world.merge(other)) !== 200; tries += 1) {
      expect(tries).toBeLessThan(100);
      await sleep(300);
    }
    await until(other, ({ state }) => state !== 'proposed');
    const { body: closed } = await world.forge<unknown[]>(
      'GET',
      '/pulls?state=open',
    );
    expect(closed).toEqual([]);
  });

  it('with a wrong signature, of elsewhere, or sent again have nothing called', async () => {
    const one = await ask('checkout-hook-c');
    await isQuiet();
    calls = [];
    const { url } = world.sandbox.connections.forge;
    const send = async (body: object, secret: string) => {
      const text = JSON.stringify(body);
      const { status } = await fetch(`${world.url}/api/events/http/gitea`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'x-gitea-signature': createHmac('sha256', secret)
            .update(text)
            .digest('hex'),
        },
        body: text,
      });
      return status;
    };
    const closed = (number: number, html = `${url}/acme/atlas`) => ({
      action: 'closed',
      repository: { html_url: html },
      pull_request: { number, merged: true, head: { sha: 'a'.repeat(40) } },
    });
    const { number } = one.pullRequest!;
    expect(await send(closed(number), 'another-secret-of-mine')).toBe(403);
    expect(
      await send(closed(number, 'https://evil.org/acme/atlas'), SECRET),
    ).toBe(202);
    expect(await send(closed(4711), SECRET)).toBe(202);
    await sleep(3_000);
    expect(calls).toEqual([]);

    // Signed and not true: the forge is asked, once however often it is sent.
    for (let times = 0; times < 20; times += 1) {
      expect(await send(closed(number), SECRET)).toBe(202);
    }
    await isQuiet();
    expect(calls.filter(call => call === `GET /pulls/${number}`)).toHaveLength(
      1,
    );
    expect(await world.read(one.id)).toMatchObject({ state: 'proposed' });
  });
});
