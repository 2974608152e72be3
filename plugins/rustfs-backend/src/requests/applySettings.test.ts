import { applySettings, SettingsClient } from './applySettings';

const GIB = 2 ** 30;

/** A server with one bucket that keeps what is set. */
function createServer(bucket: {
  versioning?: 'enabled' | 'off';
  quotaBytes?: number;
  objectLock?: boolean;
  measured?: boolean;
}) {
  const live = {
    name: 'invoices',
    versioning: 'off' as 'enabled' | 'suspended' | 'off',
    objectLock: false,
    quotaBytes: undefined as number | undefined,
    ...bucket,
  };
  const client = {
    accountInfo: jest.fn(),
    getVersioning: jest.fn(async () => live.versioning),
    setVersioning: jest.fn(
      async (_: string, state: 'enabled' | 'suspended') => {
        live.versioning = state;
      },
    ),
    getQuota: jest.fn(async () => live.quotaBytes),
    setQuota: jest.fn(async (_: string, bytes: number | undefined) => {
      live.quotaBytes = bytes;
    }),
    quotaStats: jest.fn(async () =>
      bucket.measured === false ? undefined : { usedBytes: 0 },
    ),
  } satisfies SettingsClient;
  return { client, buckets: [live], live };
}

const declared = {
  objectLock: false,
  record: { bucket: 'invoices', quotaBytes: 50 * GIB, versioning: true },
};

describe('applySettings', () => {
  it('sets versioning and quota once, then leaves them alone', async () => {
    const { client, buckets, live } = createServer({});
    await expect(applySettings({ client, buckets, declared })).resolves.toEqual(
      { state: 'agrees' },
    );
    expect(live).toMatchObject({
      versioning: 'enabled',
      quotaBytes: 50 * GIB,
    });
    await applySettings({ client, buckets, declared });
    expect(client.setQuota).toHaveBeenCalledTimes(1);
    expect(client.setVersioning).toHaveBeenCalledTimes(1);
  });

  it('only compares where the setup program sets', async () => {
    const { buckets, live } = createServer({});
    const look = () => applySettings({ buckets, declared });
    await expect(look()).resolves.toEqual({
      state: 'waiting',
      waitingFor: 'The setup program to turn versioning on',
    });
    live.versioning = 'enabled';
    await expect(look()).resolves.toMatchObject({
      waitingFor: expect.stringContaining('set the quota 50'),
    });
    live.quotaBytes = 50 * GIB;
    await expect(look()).resolves.toEqual({ state: 'agrees' });
  });

  it('does not set a quota before the server has measured the bucket', async () => {
    const { client, buckets } = createServer({ measured: false });
    await expect(applySettings({ client, buckets, declared })).resolves.toEqual(
      {
        state: 'waiting',
        waitingFor:
          'The server to measure the new bucket; its quota of 50 GiB is set after that',
      },
    );
    expect(client.setQuota).not.toHaveBeenCalled();
  });

  it('waits for a bucket that is not there, and sets nothing', async () => {
    const { client } = createServer({});
    await expect(
      applySettings({ client, buckets: [], declared }),
    ).resolves.toMatchObject({ state: 'waiting' });
    expect(client.setVersioning).not.toHaveBeenCalled();
  });

  it('does not call a bucket ready that lacks the object lock it should have', async () => {
    const { client, buckets } = createServer({});
    await expect(
      applySettings({
        client,
        buckets,
        declared: { ...declared, objectLock: true },
      }),
    ).resolves.toMatchObject({
      waitingFor: expect.stringContaining('object lock'),
    });
  });

  it('leaves a bucket alone whose record asks for nothing', async () => {
    const { client, buckets } = createServer({ versioning: 'enabled' });
    await expect(
      applySettings({
        client,
        buckets,
        declared: { objectLock: false, record: { bucket: 'invoices' } },
      }),
    ).resolves.toEqual({ state: 'agrees' });
    expect(client.setVersioning).not.toHaveBeenCalled();
    expect(client.setQuota).not.toHaveBeenCalled();
  });

  it.each([
    [{ quotaBytes: GIB }, /a quota of 1 GiB/],
    [{ versioning: 'enabled' as const }, /versioning/],
    [{ objectLock: true }, /object lock/],
  ])(
    'does not agree with a bucket that has more than is declared: %j',
    async (bucket, message) => {
      const { client, buckets } = createServer(bucket);
      await expect(
        applySettings({
          client,
          buckets,
          declared: {
            objectLock: false,
            record: { bucket: 'invoices', versioning: false },
          },
        }),
      ).resolves.toEqual({
        state: 'waiting',
        waitingFor: expect.stringMatching(message),
      });
      expect(client.setQuota).not.toHaveBeenCalled();
      expect(client.setVersioning).not.toHaveBeenCalled();
    },
  );
});
