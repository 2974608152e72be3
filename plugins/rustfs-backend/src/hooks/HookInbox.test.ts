import { mockServices } from '@backstage/backend-test-utils';
import { ForgeDirectory } from '../forges';
import { HookInbox } from './HookInbox';

interface Hook {
  number?: number;
  branch?: string;
  repository?: string;
  delivery?: number;
}

function setup(
  options: { look?: (signal: AbortSignal) => Promise<unknown> } = {},
) {
  const added: string[] = [];
  const look = jest.fn(options.look ?? (async () => {}));
  const add = jest.fn(async ({ about, repository }) => {
    added.push(`${repository} ${about.number}`);
    return true;
  });
  const logger = mockServices.logger.mock();
  const forges: Pick<ForgeDirectory, 'readHook'> = {
    readHook: (topic, body) => {
      const { branch, number, repository = 'acme/atlas' } = body as Hook;
      const where = {
        forge: {} as any,
        forgeUrl: 'https://git.acme.org',
        repository,
      };
      if (branch) {
        return [{ ...where, about: { type: 'branch', branch } }];
      }
      return topic === 'gitea' && number
        ? [{ ...where, about: { type: 'pull', number } }]
        : [];
    },
  };
  const inbox = new HookInbox({
    forges,
    logger,
    look,
    store: { add },
    waits: { gatherMs: 20, gapMs: 40 },
  });
  return {
    add,
    added,
    inbox,
    logger,
    look,
    send: (hook: Hook, topic = 'gitea') =>
      inbox.receive({ topic, eventPayload: hook }),
  };
}

async function pass(ms: number) {
  await jest.advanceTimersByTimeAsync(ms);
}

describe('the inbox of webhooks', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

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
    await pass(200);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('has nothing looked at for what says nothing, and for what was sent before', async () => {
    const { add, inbox, look, send } = setup();
    await send({ number: 0 });
    await send({ number: 1 }, 'github');
    expect(add).not.toHaveBeenCalled();
    await send({ number: 1 });
    await pass(200);
    for (let times = 0; times < 50; times += 1) {
      await send({ number: 1 });
    }
    await pass(200);
    expect(add).toHaveBeenCalledTimes(1);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('takes again what there was no room for', async () => {
    const { add, inbox, look, send } = setup();
    add.mockResolvedValueOnce(false);
    await send({ number: 1 });
    await pass(200);
    expect(look).not.toHaveBeenCalled();
    await send({ number: 1 });
    await pass(200);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('takes again what could not be kept', async () => {
    const { add, inbox, look, send } = setup();
    add.mockRejectedValueOnce(new Error('no database'));
    await expect(send({ number: 1 })).rejects.toThrow('no database');
    await send({ number: 1 });
    await pass(200);
    expect(look).toHaveBeenCalledTimes(1);
    await inbox.stop();
  });

  it('keeps more than a repository may have looked at in a minute, without a look', async () => {
    const { added, inbox, look, send } = setup();
    for (let delivery = 1; delivery <= 60; delivery += 1) {
      await send({ number: 1, delivery });
    }
    await pass(200);
    const before = look.mock.calls.length;
    for (let delivery = 61; delivery <= 200; delivery += 1) {
      await send({ number: 1, delivery });
    }
    await pass(200);
    expect(added).toHaveLength(200);
    expect(look).toHaveBeenCalledTimes(before);
    // Another repository has its own.
    await send({ number: 1, repository: 'acme/fleet' });
    await pass(200);
    expect(look).toHaveBeenCalledTimes(before + 1);
    await inbox.stop();
  });

  it('looks after a look at what has come meanwhile, and when one has failed', async () => {
    let end = () => {};
    let under = 0;
    let most = 0;
    const { inbox, logger, look, send } = setup({
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
    await pass(200);
    // It takes long, and all that comes meanwhile is one look.
    for (const number of [2, 3, 4]) {
      await send({ number });
      await pass(200);
    }
    expect(look).toHaveBeenCalledTimes(1);
    end();
    await pass(200);
    expect(look).toHaveBeenCalledTimes(2);
    end();
    await pass(200);
    expect(look).toHaveBeenCalledTimes(2);
    expect(most).toBe(1);
    expect(logger.error).toHaveBeenCalledWith(
      'Could not look at what webhooks told of',
      expect.any(Error),
    );
    await inbox.stop();
  });

  it('ends a look when it is stopped, and keeps for others what comes then', async () => {
    const { added, inbox, look, send } = setup({
      look: signal =>
        new Promise<void>(resolve => {
          signal.addEventListener('abort', () => resolve());
        }),
    });
    await send({ number: 1 });
    await pass(200);
    await send({ number: 2 });
    await inbox.stop();
    await send({ number: 3 });
    await pass(200);
    expect(look).toHaveBeenCalledTimes(1);
    expect(added.at(-1)).toBe('https://git.acme.org acme/atlas 3');
  });

  it('keeps nothing of pushes to branches of requests', async () => {
    const { add, inbox, send } = setup();
    const id = '0b3b7a3e-6f0e-4d0e-9d53-4a1d7c2f8e11';
    for (const branch of [`rustfs/${id}`, `rustfs/${id}-2`]) {
      await send({ branch });
    }
    expect(add).not.toHaveBeenCalled();
    for (const branch of ['main', 'rustfs/main']) {
      await send({ branch });
    }
    expect(add).toHaveBeenCalledTimes(2);
    await inbox.stop();
  });
});
