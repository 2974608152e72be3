import { randomUUID } from 'node:crypto';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { PROVISIONER_POLICY } from '@rustfs-portal/plugin-rustfs-common';
import {
  isReal,
  startTestServer,
  TestServer,
} from '../__testUtils__/startTestServer';
import { HttpProvisioningClient } from './HttpProvisioningClient';

/*
 * The calls of settling against the server of the sandbox, or a real one, as a user with the provisioner's policy.
 */

const run = randomUUID().slice(0, 8);
const provisioner = {
  accessKeyId: `provisioner-${run}`,
  secretAccessKey: `secret-${randomUUID()}`,
};

describe(`HttpProvisioningClient against ${
  isReal ? 'a real server' : 'the sandbox'
}`, () => {
  let server: TestServer;
  let root: HttpProvisioningClient;
  let client: HttpProvisioningClient;
  const bucket = `made-${run}`;
  const locked = `made-locked-${run}`;
  const user = { accessKeyId: `user-${run}`, secretAccessKey: 'first-secret' };

  beforeAll(async () => {
    server = await startTestServer();
    const { endpoint } = server;
    root = HttpProvisioningClient.create({
      endpoint,
      ...server.root,
      timeoutMs: 30_000,
    });
    await root.putPolicy(provisioner.accessKeyId, PROVISIONER_POLICY);
    await root.addUser(provisioner);
    await root.setUserPolicies(provisioner.accessKeyId, [
      provisioner.accessKeyId,
    ]);
    client = HttpProvisioningClient.create({
      endpoint,
      ...provisioner,
      timeoutMs: 30_000,
    });
  });

  afterAll(() => server.stop());

  it('says which server it is', async () => {
    const { product, version } = await client.identify();
    expect(product).toBe('rustfs');
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('makes buckets, and says of one that is there that it is', async () => {
    await client.createBucket(bucket);
    await client.createBucket(locked, { objectLock: true });
    expect(await client.listBuckets()).toEqual(
      expect.arrayContaining([bucket, locked]),
    );
    await expect(client.createBucket(bucket)).rejects.toMatchObject({
      code: 'BucketAlreadyExists',
    });
    expect(await client.getObjectLock(bucket)).toBeUndefined();
    expect(await client.getObjectLock(locked)).toEqual({});
  });

  it('sets and reads what a bucket can have', async () => {
    expect(await client.getLifecycle(bucket)).toBeUndefined();
    const rules = [
      { id: 'all', expireAfterDays: 30 },
      {
        id: 'logs',
        prefix: 'logs/',
        expireOldVersionsAfterDays: 7,
        abortUploadsAfterDays: 3,
      },
    ];
    for (const some of [rules, rules.slice(0, 1)]) {
      await client.setLifecycle(bucket, some);
      expect(await client.getLifecycle(bucket)).toEqual({
        rules: some,
        hasOthers: false,
      });
    }
    await client.setLifecycle(bucket, []);
    expect(await client.getLifecycle(bucket)).toBeUndefined();

    expect(await client.getTags(bucket)).toEqual({});
    for (const tags of [
      { team: 'checkout', 'cost-centre': '0815 & <more>' },
      { team: '007' },
    ]) {
      await client.setTags(bucket, tags as Record<string, string>);
      expect(await client.getTags(bucket)).toEqual(tags);
    }

    expect(await client.getEncryption(bucket)).toBeUndefined();
    await client.setEncryption(bucket, 'sse-s3');
    expect(await client.getEncryption(bucket)).toBe('sse-s3');

    await client.setObjectLock(locked, {
      retention: { mode: 'governance', days: 14 },
    });
    expect(await client.getObjectLock(locked)).toEqual({
      retention: { mode: 'governance', days: 14 },
    });
    await expect(client.setObjectLock(bucket, {})).rejects.toMatchObject({
      code: 'InvalidBucketState',
    });
  });

  it('makes policies and users, and tells whether a key is accepted', async () => {
    const document = {
      Version: '2012-10-17' as const,
      Statement: [
        {
          Effect: 'Allow' as const,
          Action: ['s3:GetObject'],
          Resource: [`arn:aws:s3:::${bucket}/*`],
        },
      ],
    };
    const policy = `policy-${run}`;
    await client.putPolicy(policy, document);
    expect((await client.listPolicies()).get(policy)).toMatchObject(document);
    await expect(
      client.putPolicy(policy, {
        ...document,
        Statement: [{ ...document.Statement[0], Action: ['s3:UploadPart'] }],
      }),
    ).rejects.toMatchObject({ reason: 'refused' });

    expect(await client.tryKey(user)).toBe('refused');
    await client.addUser(user);
    expect(await client.tryKey(user)).toBe('accepted');
    await client.setUserPolicies(user.accessKeyId, [policy, 'readonly']);
    await client.setUserPolicies(user.accessKeyId, [policy]);
    expect(await client.tryKey(user)).toBe('accepted');
    const find = async () =>
      (await client.listUsers()).find(({ name }) => name === user.accessKeyId);
    expect(await find()).toMatchObject({ enabled: true, policies: [policy] });

    for (const call of [
      () => client.setUserPolicies(user.accessKeyId, [`${policy},readwrite`]),
      () => client.putPolicy(`${policy},readwrite`, document),
    ]) {
      await expect(call()).rejects.toMatchObject({ reason: 'refused' });
    }
    expect(await find()).toMatchObject({ policies: [policy] });

    const renewed = { ...user, secretAccessKey: 'second-secret' };
    expect(await client.tryKey(renewed)).toBe('wrong-secret');
    await client.setUserSecret(renewed);
    expect(await client.tryKey(renewed)).toBe('accepted');
    await client.setUserEnabled(user.accessKeyId, false);
    expect(await find()).toMatchObject({ enabled: false, policies: [policy] });
    expect(await client.tryKey(renewed)).toBe('refused');
    await client.setUserSecret({ ...user, secretAccessKey: 'third-secret' });
    expect(await find()).toMatchObject({ enabled: false });
  });

  it('keeps the secrets that it sends out of its errors', async () => {
    const short = { accessKeyId: `short-${run}`, secretAccessKey: 'abc' };
    for (const call of [
      () => client.addUser(short),
      () => client.setUserSecret({ ...short, ...user, secretAccessKey: 'abc' }),
    ]) {
      const error: unknown = await call().catch(thrown => thrown);
      expect(error).toMatchObject({ name: 'RustfsError' });
      expect(JSON.stringify({ ...(error as object) })).not.toContain('abc');
    }
  });

  it('needs every right of the policy', async () => {
    const rights = PROVISIONER_POLICY.Statement.flatMap(({ Action }) => Action);
    await root.putPolicy(provisioner.accessKeyId, {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:GetObject'],
          Resource: ['arn:aws:s3:::*'],
        },
      ],
    });
    const retention = { mode: 'governance' as const, days: 1 };
    const denied: Array<[string, () => Promise<unknown>]> = [
      ['s3:ListAllMyBuckets', () => client.listBuckets()],
      ['s3:CreateBucket', () => client.createBucket(`other-${run}`)],
      ['s3:GetBucketLifecycle', () => client.getLifecycle(bucket)],
      ['s3:PutBucketLifecycle', () => client.setLifecycle(bucket, [])],
      ['s3:GetBucketTagging', () => client.getTags(bucket)],
      ['s3:PutBucketTagging', () => client.setTags(bucket, {})],
      ['s3:GetBucketEncryption', () => client.getEncryption(bucket)],
      ['s3:PutBucketEncryption', () => client.setEncryption(bucket, 'sse-s3')],
      [
        's3:GetBucketObjectLockConfiguration',
        () => client.getObjectLock(locked),
      ],
      [
        's3:PutBucketObjectLockConfiguration',
        () => client.setObjectLock(locked, { retention }),
      ],
      ['admin:ListUserPolicies', () => client.listPolicies()],
      [
        'admin:CreatePolicy',
        () => client.putPolicy('x', { Version: '2012-10-17', Statement: [] }),
      ],
      ['admin:CreateUser', () => client.addUser(user)],
      ['admin:CreateUser', () => client.setUserSecret(user)],
      ['admin:EnableUser', () => client.setUserEnabled(user.accessKeyId, true)],
      [
        'admin:AttachUserOrGroupPolicy',
        () => client.setUserPolicies(user.accessKeyId, []),
      ],
    ];
    for (const [right, call] of denied) {
      expect(rights).toContain(right);
      await expect(call()).rejects.toMatchObject({
        reason: 'denied',
        hint: expect.stringContaining(right),
      });
    }
  });
});

describe('HttpProvisioningClient and other servers', () => {
  let server: Server;
  let answer: { status: number; headers: Record<string, string>; body: string };

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.writeHead(answer.status, answer.headers).end(answer.body);
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  it.each([
    ['MinIO', 403, { server: 'MinIO' }, '<Error/>', { product: 'minio' }],
    ['something else', 200, {}, '<html/>', { product: 'unknown' }],
    [
      'an older RustFS',
      200,
      {},
      '{"status":"ok","service":"rustfs-endpoint","version":"@1.0.0-beta.10"}',
      { product: 'rustfs', version: '1.0.0-beta.10' },
    ],
  ])('knows %s', async (_, status, headers, body, identity) => {
    answer = { status, headers, body };
    const { port } = server.address() as AddressInfo;
    const client = HttpProvisioningClient.create({
      endpoint: `http://127.0.0.1:${port}`,
      ...provisioner,
    });
    expect(await client.identify()).toEqual(identity);
  });
});
