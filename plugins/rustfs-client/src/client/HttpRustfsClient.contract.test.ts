/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itInSandbox"] }] */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { RustfsServer, startRustfsServer } from '@rustfs-portal/sandbox';
import { AdminTransport } from './AdminTransport';
import { connect, HttpRustfsClient } from './HttpRustfsClient';
import { RustfsClient } from './RustfsClient';

/*
 * The same calls against the server of the sandbox, or against a real one where the environment names it. The client
 * acts as the user that the README tells to make.
 */

const { RUSTFS_ENDPOINT, RUSTFS_ACCESS_KEY, RUSTFS_SECRET_KEY } = process.env;
const isReal = Boolean(
  RUSTFS_ENDPOINT && RUSTFS_ACCESS_KEY && RUSTFS_SECRET_KEY,
);
/** A real server measures once a minute. */
const MEASURE_TIMEOUT_MS = isReal ? 150_000 : 30_000;

const run = randomUUID().slice(0, 8);
const bucket = `contract-${run}`;
const lockedBucket = `contract-locked-${run}`;
const user = {
  accessKeyId: `portal-${run}`,
  secretAccessKey: `secret-${randomUUID()}`,
};

function readmePolicy(): unknown {
  const readme = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
  return JSON.parse(/```json\n([\s\S]*?)```/.exec(readme)![1]);
}

describe(`HttpRustfsClient against ${
  isReal ? 'a real server' : 'the sandbox'
}`, () => {
  let stop = async () => {};
  let server: RustfsServer | undefined;
  let root: { accessKeyId: string; secretAccessKey: string };
  let endpoint: string;
  let client: RustfsClient;
  let s3: S3Client;
  const requests: string[] = [];

  async function admin(
    method: 'PUT' | 'DELETE',
    path: string,
    query: Record<string, string>,
    body?: unknown,
  ) {
    await new AdminTransport(
      connect({ endpoint, ...root, timeoutMs: 10_000 }),
    ).call({
      operation: { description: `prepare the test with ${path}` },
      method,
      path: `/rustfs/admin/v3/${path}`,
      query,
      body,
    });
  }

  beforeAll(async () => {
    if (isReal) {
      endpoint = RUSTFS_ENDPOINT!;
      root = {
        accessKeyId: RUSTFS_ACCESS_KEY!,
        secretAccessKey: RUSTFS_SECRET_KEY!,
      };
    } else {
      const dataDir = await mkdtemp(join(tmpdir(), 'rustfs-contract-'));
      root = { accessKeyId: 'root-access', secretAccessKey: 'root-secret' };
      server = await startRustfsServer({
        dataDir,
        rootAccessKey: root.accessKeyId,
        rootSecretKey: root.secretAccessKey,
        scanCycleMs: 300,
      });
      endpoint = server.endpoint;
      stop = async () => {
        await server?.stop();
        await rm(dataDir, { recursive: true, force: true });
      };
    }
    s3 = new S3Client({
      endpoint,
      region: 'us-east-1',
      credentials: root,
      forcePathStyle: true,
    });
    await admin(
      'PUT',
      'add-canned-policy',
      { name: user.accessKeyId },
      readmePolicy(),
    );
    await admin(
      'PUT',
      'add-user',
      { accessKey: user.accessKeyId },
      { secretKey: user.secretAccessKey, status: 'enabled' },
    );
    await admin('PUT', 'set-user-or-group-policy', {
      policyName: user.accessKeyId,
      userOrGroup: user.accessKeyId,
      isGroup: 'false',
    });
    client = HttpRustfsClient.create({
      endpoint,
      ...user,
      // What answers must never be taken for silent, however busy the machine.
      timeoutMs: 30_000,
      observeRequest: ({ method, path }) => requests.push(`${method} ${path}`),
    });
    await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await s3.send(
      new CreateBucketCommand({
        Bucket: lockedBucket,
        ObjectLockEnabledForBucket: true,
      }),
    );
    await s3.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: 'a',
        Body: 'x'.repeat(2000),
      }),
    );
  });

  afterAll(async () => {
    if (isReal) {
      await s3.send(
        new DeleteObjectCommand({
          Bucket: bucket,
          Key: 'a',
          // It was written before versioning was on.
          VersionId: 'null',
        }),
      );
      await s3.send(new DeleteBucketCommand({ Bucket: bucket }));
      await s3.send(new DeleteBucketCommand({ Bucket: lockedBucket }));
      await admin('DELETE', 'remove-user', { accessKey: user.accessKeyId });
      await admin('DELETE', 'remove-canned-policy', { name: user.accessKeyId });
    }
    s3.destroy();
    await stop();
  });

  it(
    'waits for buckets to be measured, and then knows size and number of objects',
    async () => {
      const sizeOf = async () => {
        const account = await client.accountInfo();
        return account.buckets.find(({ name }) => name === bucket)?.sizeBytes;
      };
      // The numbers of quotas follow a write at once, those of the list with the next measurement.
      const deadline = Date.now() + MEASURE_TIMEOUT_MS;
      while ((await sizeOf()) !== 2000 && Date.now() < deadline) {
        await new Promise(done => {
          setTimeout(done, 200);
        });
      }
      expect(await client.quotaStats(bucket)).toEqual({
        usedBytes: 2000,
        quotaBytes: undefined,
      });
      const { accountName, buckets } = await client.accountInfo();
      expect(accountName).toBe(user.accessKeyId);
      expect(buckets.find(({ name }) => name === bucket)).toEqual({
        name: bucket,
        createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        sizeBytes: 2000,
        objects: 1,
        quotaBytes: undefined,
        versioning: 'off',
        objectLock: false,
      });
      expect(buckets.find(({ name }) => name === lockedBucket)).toMatchObject({
        versioning: 'enabled',
        objectLock: true,
      });
    },
    MEASURE_TIMEOUT_MS + 5_000,
  );

  it('lists users with their state, their policies and their groups', async () => {
    const name = `listed-${run}`;
    const group = `group-${run}`;
    const find = async () =>
      (await client.listUsers()).find(listed => listed.name === name);
    expect(await find()).toBeUndefined();
    expect(await client.listUsers()).toContainEqual({
      name: user.accessKeyId,
      enabled: true,
      policies: [user.accessKeyId],
      groups: [],
    });
    const secretKey = `secret-${randomUUID()}`;
    await admin(
      'PUT',
      'add-user',
      { accessKey: name },
      { secretKey, status: 'enabled' },
    );
    expect(await find()).toEqual({
      name,
      enabled: true,
      policies: [],
      groups: [],
    });
    await admin('PUT', 'set-user-or-group-policy', {
      policyName: `readwrite,${user.accessKeyId},readonly`,
      userOrGroup: name,
      isGroup: 'false',
    });
    const members = { group, members: [name], groupStatus: 'enabled' };
    await admin(
      'PUT',
      'update-group-members',
      {},
      { ...members, isRemove: false },
    );
    await admin('PUT', 'set-user-status', {
      accessKey: name,
      status: 'disabled',
    });
    expect(await find()).toEqual({
      name,
      enabled: false,
      policies: [user.accessKeyId, 'readonly', 'readwrite'].sort(),
      groups: [group],
    });
    // The root user is none of them.
    const names = (await client.listUsers()).map(listed => listed.name);
    expect(names).not.toContain(root.accessKeyId);
    await admin('DELETE', 'remove-user', { accessKey: name });
    await admin('DELETE', `group/${group}`, {});
    expect(await find()).toBeUndefined();
  });

  it('reads the state of the server', async () => {
    expect(await client.health()).toMatchObject({ ready: true });
    const info = await client.serverInfo();
    expect(info.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(info.drives.online).toBe(info.drives.total);
    expect(info.capacity!.totalBytes).toBeGreaterThan(0);
    expect(await client.scannerStatus()).toMatchObject({ enabled: true });
  });

  it('sets, reads and takes away a quota', async () => {
    expect(await client.getQuota(bucket)).toBeUndefined();
    await client.setQuota(bucket, 5_000_000);
    expect(await client.getQuota(bucket)).toBe(5_000_000);
    const { buckets } = await client.accountInfo();
    expect(buckets.find(({ name }) => name === bucket)?.quotaBytes).toBe(
      5_000_000,
    );
    await client.setQuota(bucket, undefined);
    expect(await client.getQuota(bucket)).toBeUndefined();
  });

  it('sets and reads versioning', async () => {
    expect(await client.getVersioning(bucket)).toBe('off');
    await client.setVersioning(bucket, 'enabled');
    expect(await client.getVersioning(bucket)).toBe('enabled');
    await client.setVersioning(bucket, 'suspended');
    expect(await client.getVersioning(bucket)).toBe('suspended');
  });

  it('knows which buckets exist', async () => {
    expect(await client.bucketExists(bucket)).toBe(true);
    expect(await client.bucketExists(`absent-${run}`)).toBe(false);
    const absent = { reason: 'not-found' };
    await expect(client.getQuota(`absent-${run}`)).rejects.toMatchObject(
      absent,
    );
    await expect(client.setQuota(`absent-${run}`, 1)).rejects.toMatchObject(
      absent,
    );
    await expect(client.getVersioning(`absent-${run}`)).rejects.toMatchObject(
      absent,
    );
  });

  it('says which of its credentials are wrong', async () => {
    const wrong = (more: Partial<typeof user>) =>
      HttpRustfsClient.create({ endpoint, ...user, ...more });
    const refused = { reason: 'credentials' };
    await expect(
      wrong({ secretAccessKey: 'not-the-secret' }).accountInfo(),
    ).rejects.toMatchObject({ ...refused, code: 'SignatureDoesNotMatch' });
    await expect(
      wrong({ accessKeyId: 'nobody-at-all' }).getVersioning(bucket),
    ).rejects.toMatchObject({ ...refused, code: 'InvalidAccessKeyId' });
  });

  it('needs every right of the policy in the README, and no other', async () => {
    await admin(
      'PUT',
      'add-canned-policy',
      { name: user.accessKeyId },
      {
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: ['s3:GetBucketLocation'],
            Resource: ['arn:aws:s3:::*'],
          },
        ],
      },
    );
    const denied: Array<[string, () => Promise<unknown>]> = [
      ['admin:ListUsers', () => client.listUsers()],
      ['admin:ServerInfo', () => client.serverInfo()],
      ['admin:ServerInfo', () => client.scannerStatus()],
      ['admin:SetBucketQuota', () => client.setQuota(bucket, 1)],
      ['s3:ListBucket', () => client.bucketExists(bucket)],
      ['s3:GetBucketVersioning', () => client.getVersioning(bucket)],
      ['s3:PutBucketVersioning', () => client.setVersioning(bucket, 'enabled')],
      ['s3:GetBucketQuota', () => client.getQuota(bucket)],
      ['s3:GetBucketQuota', () => client.quotaStats(bucket)],
    ];
    for (const [right, call] of denied) {
      await expect(call()).rejects.toMatchObject({
        reason: 'denied',
        hint: expect.stringContaining(right),
      });
    }
    await admin(
      'PUT',
      'add-canned-policy',
      { name: user.accessKeyId },
      readmePolicy(),
    );
    await expect(client.serverInfo()).resolves.toBeDefined();
  });

  // Only the sandbox misbehaves on demand.
  const itInSandbox = isReal ? it.skip : it;
  itInSandbox('names a server that is away, slow or starting', async () => {
    const hasty = HttpRustfsClient.create({
      endpoint,
      ...user,
      timeoutMs: 300,
    });
    for (const [mode, caller, reason] of [
      ['down', client, 'unreachable'],
      ['slow', hasty, 'unreachable'],
      ['starting', client, 'starting'],
    ] as const) {
      server!.faults.set({
        mode,
        delayMs: mode === 'slow' ? 60_000 : undefined,
      });
      await expect(caller.accountInfo()).rejects.toMatchObject({ reason });
      await expect(caller.getVersioning(bucket)).rejects.toMatchObject({
        reason,
      });
    }
    requests.length = 0;
    await expect(client.accountInfo()).rejects.toMatchObject({
      reason: 'starting',
    });
    expect(requests).toEqual(['GET /rustfs/admin/v3/accountinfo']);
    server!.faults.set({ offlineDrives: 1 });
    expect(await client.serverInfo()).toMatchObject({
      drives: { online: 3, total: 4 },
    });
    server!.faults.set(undefined);
  });
});
