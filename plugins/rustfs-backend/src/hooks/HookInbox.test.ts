import { setTimeout as sleep } from 'node:timers/promises';
import { mockServices } from '@backstage/backend-test-utils';
import { ForgeDirectory } from '../forges';
import { HookInbox } from './HookInbox';

interface Hook {
  number: number;
  repository?: string;
  delivery?: number;
}

function setup(options: { look?: () => Promise<unknown> } = {}) {
  const added: string[] = [];
  const look = jest.fn(options.look ?? (async () => {}));
  const add = jest.fn(async ({ about, repository }) => {
    added.push(`${repository} ${about.number}`);
    return true;
  });
  const logger = mockServices.logger.mock();
  let now = Date.parse('2026-11-30T10:00:00Z');
  const forges: Pick<ForgeDirectory, 'readHook'> = {
    readHook: (topic, body) => {
      const { number, repository = 'acme/atlas' } = body as Hook;
      return topic === 'gitea' && number > 0
        ? [
            {
              forge: {} as any,
              forgeUrl: 'https://git.acme.org',
              repository,
              about: { type: 'pull', number },
            },
          ]
        : [];
    },
  };
  const inbox = new HookInbox({
    forges,
    logger,
    look,
    now: () => now,
    store: { add },
    waits: { gatherMs: 20, gapMs: 40 },
  });
  return {
    add,
    added,
    inbox,
    logger,
    look,
    pass: (ms: number) => {
      now += ms;
    },
    send: (hook: Hook, topic = 'gitea') =>
      inbox.receive({ topic, eventPayload: hook }),
  };
}

describe('the inbox of webhooks', () => {
  it('keeps what they say, and looks at what comes together once', async () => {
    const { added, inbox, look, send } = setup();
    await send({ number: 1 });
    await send({ number: 2 });
    await send({ number: 3, repository: 'acme/fleet' });
    expect(added).toEqual([
      'https://git.acme.org acme/atlas 1',
      'https://git.acme.org acme/atlas 2',
      'https://git.acme.org acme/fleet 3',
    ]);
    expect(look).not.toHaveBeenCalled();
    await sleep(200);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('has nothing looked at for what says nothing, and for what was sent before', async () => {
    const { add, inbox, look, send } = setup();
    await send({ number: 0 });
    await send({ number: 1 }, 'github');
    expect(add).not.toHaveBeenCalled();
    await send({ number: 1 });
    await sleep(200);
    for (let times = 0; times < 50; times += 1) {
      await send({ number: 1 });
    }
    await sleep(200);
    expect(add).toHaveBeenCalledTimes(1);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('takes again what could not be kept', async () => {
    const { add, inbox, look, send } = setup();
    add.mockRejectedValueOnce(new Error('no database'));
    await expect(send({ number: 1 })).rejects.toThrow('no database');
    await send({ number: 1 });
    await sleep(200);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('keeps more than a repository may have looked at in a minute, without a look', async () => {
    const { added, inbox, look, pass, send } = setup();
    for (let delivery = 1; delivery <= 60; delivery += 1) {
      await send({ number: 1, delivery });
    }
    await sleep(200);
    const before = look.mock.calls.length;
    for (let delivery = 61; delivery <= 200; delivery += 1) {
      await send({ number: 1, delivery });
    }
    await sleep(200);
    expect(added).toHaveLength(200);
    expect(look).toHaveBeenCalledTimes(before);
    // Another repository has its own.
    await send({ number: 1, repository: 'acme/fleet' });
    pass(40);
    await sleep(200);
    expect(look).toHaveBeenCalledTimes(before + 1);
    await inbox.stop();
  });

  it('looks after a look at what has come meanwhile, and when one has failed', async () => {
    let end = () => {};
    let under = 0;
    let most = 0;
    const { inbox, logger, look, pass, send } = setup({
      look: async () => {
        under += 1;
        most = Math.max(most, under);
        await new Promise<void>(resolve => {
          end = resolve;
        });
        under -= 1;
        throw new Error('no forge');
      },
    });
    await send({ number: 1 });
    await sleep(200);
    await send({ number: 2 });
    await sleep(200);
    expect(look).toHaveBeenCalledTimes(1);
    pass(40);
    end();
    await sleep(200);
    expect(look).toHaveBeenCalledTimes(2);
    expect(most).toBe(1);
    expect(logger.error).toHaveBeenCalledWith(
      'Could not look at what webhooks told of',
      expect.any(Error),
    );
    end();
    await inbox.stop();
    await send({ number: 3 });
    await sleep(100);
    expect(look).toHaveBeenCalledTimes(2);
  });
});
