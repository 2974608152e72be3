/* eslint jest/no-standalone-expect: ["error", { "additionalTestBlockFunctions": ["itInSandbox"] }] */
import { randomUUID } from 'node:crypto';
import {
  AccessRecord,
  accessEntryName,
  buildDenyingPolicy,
  BucketRecord,
  DENYING_POLICY_NAME,
  PolicyDocument,
  SettledItem,
  SetupMade,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  isReal,
  startTestServer,
  TestServer,
} from '../__testUtils__/startTestServer';
import { HttpProvisioningClient } from '../client';
import { OTHERS_PER_RUN } from './chooseRecords';
import { settle, settleSettings } from './settle';
import {
  KeySecret,
  Settled,
  SettleOptions,
  SettleSettingsOptions,
  VersionedRecord,
} from './types';

const AT = '2026-11-29T10:00:00.000Z';
const run = randomUUID().slice(0, 6);
let serial = 0;

function bucketOf(
  record: Partial<BucketRecord> & { bucket: string },
  resourceVersion = '1',
): VersionedRecord {
  return {
    type: 'bucket',
    name: record.bucket,
    uid: `uid-${record.bucket}`,
    resourceVersion,
    record,
  };
}

function documentOf(bucket: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
    ],
  };
}

function accessOf(
  access: string,
  more: Partial<AccessRecord> = {},
  resourceVersion = '1',
): VersionedRecord {
  return {
    type: 'access',
    name: access,
    uid: `uid-${access}`,
    resourceVersion,
    record: {
      access,
      owner: 'group:default/a',
      entity: 'component:default/a',
      purpose: '',
      scope: { type: 'buckets', buckets: [access] },
      mode: 'read-write',
      policy: accessEntryName(access),
      accessKeyId: `user-${access}`,
      consumer: { cluster: 'c', namespace: 'n', secret: 's', form: 'f' },
      state: 'active',
      createdAt: AT,
      document: documentOf(access),
      ...more,
    },
  };
}

function secretOf(access: string, secretAccessKey = 'secret-one'): KeySecret {
  return {
    access,
    resourceVersion: secretAccessKey,
    pair: { accessKeyId: `user-${access}`, secretAccessKey },
  };
}

const itInSandbox = isReal ? it.skip : it;

describe('settle', () => {
  let server: TestServer;
  let root: HttpProvisioningClient;
  const calls: string[] = [];
  let client: HttpProvisioningClient;
  /** What a status keeps from run to run. */
  let before: Record<string, SettledItem>;
  let made: SetupMade | undefined;
  const words: string[] = [];

  beforeAll(async () => {
    server = await startTestServer();
    const options = {
      endpoint: server.endpoint,
      ...server.root,
      timeoutMs: 30_000,
    };
    root = HttpProvisioningClient.create(options);
    client = HttpProvisioningClient.create({
      ...options,
      observeRequest: ({ method, path }) => calls.push(`${method} ${path}`),
    });
  });

  afterAll(() => server.stop());

  beforeEach(() => {
    before = {};
    made = undefined;
  });

  async function runOnce(
    records: VersionedRecord[],
    secrets: KeySecret[] = [],
    more: Partial<
      Pick<SettleOptions, 'client' | 'dryRun' | 'signal' | 'observeFault'>
    > = {},
  ): Promise<Settled> {
    calls.length = 0;
    words.length = 0;
    const settled = await settle({
      client,
      records,
      secrets,
      self: server.root.accessKeyId,
      before,
      made,
      claim: async names => {
        const old = made ?? { buckets: [], users: [], policies: [] };
        made = {
          buckets: [...old.buckets, ...names.buckets],
          users: [...old.users, ...names.users],
          policies: [...old.policies, ...names.policies],
        };
        return old;
      },
      observeChange: change => words.push(change.words),
      ...more,
    });
    if (!more.dryRun) {
      before = { ...before, ...settled.items };
      settled.removed.forEach(key => delete before[key]);
      made = settled.made;
    }
    return settled;
  }

  function next(kind: string) {
    serial += 1;
    return `${kind}-${run}-${serial}`;
  }

  /** The server, as if it answered some calls in another way. */
  function answering(
    answers: Array<[RegExp, number, Record<string, string>, string]>,
  ) {
    return HttpProvisioningClient.create({
      endpoint: server.endpoint,
      ...server.root,
      timeoutMs: 30_000,
      fetch: async (input, init) => {
        const found = answers.find(([path]) => path.test(String(input)));
        return found
          ? new Response(found[3], { status: found[1], headers: found[2] })
          : fetch(input, init);
      },
    });
  }
  const unknownCall: [number, Record<string, string>, string] = [
    501,
    { 'content-type': 'application/xml' },
    '<Error><Code>NotImplemented</Code></Error>',
  ];
  const deniedCall: [number, Record<string, string>, string] = [
    403,
    { 'content-type': 'application/xml' },
    '<Error><Code>AccessDenied</Code></Error>',
  ];

  const writes = () => calls.filter(call => /^(PUT|POST|DELETE)/.test(call));
  const results = () => Object.values(before).map(({ result }) => result);
  const userOf = async (access: string) =>
    (await root.listUsers()).find(({ name }) => name === `user-${access}`);

  it('makes a bucket with all that its record says, once', async () => {
    const bucket = next('all');
    const record = bucketOf({
      bucket,
      versioning: true,
      retention: { mode: 'governance', days: 3 },
      lifecycle: [{ id: 'old', prefix: 'tmp/', expireAfterDays: 9 }],
      tags: { team: 'a' },
      encryption: 'sse-s3',
      quotaBytes: 5_000_000,
    });
    await runOnce([record]);
    const key = `bucket.${bucket}`;
    expect(before[key]).toMatchObject({
      uid: record.uid,
      resourceVersion: '1',
      result: 'waiting',
      reason: 'NotMeasured',
    });
    expect(await root.getObjectLock(bucket)).toEqual({
      retention: { mode: 'governance', days: 3 },
    });
    expect(await root.getTags(bucket)).toEqual({ team: 'a' });
    expect(await root.getEncryption(bucket)).toBe('sse-s3');
    expect(made!.buckets).toContain(bucket);

    const deadline = Date.now() + (isReal ? 150_000 : 20_000);
    while (before[key].result === 'waiting' && Date.now() < deadline) {
      await server.sandbox?.scanNow();
      await runOnce([record]);
    }
    expect(before[key]).toMatchObject({ result: 'done', reason: 'Settled' });
    expect(await root.getQuota(bucket)).toBe(5_000_000);

    await runOnce([record]);
    expect([words, writes()]).toEqual([[], []]);
  }, 160_000);

  it('leaves a bucket of somebody else alone until the record says to take it over', async () => {
    const bucket = next('theirs');
    await root.createBucket(bucket);
    await runOnce([bucketOf({ bucket, versioning: true })]);
    expect(before[`bucket.${bucket}`]).toMatchObject({
      result: 'failed',
      reason: 'BucketNotOurs',
    });
    expect(await root.getVersioning(bucket)).toBe('off');
    await runOnce([bucketOf({ bucket, versioning: true, adopt: true }, '2')]);
    expect(results()).toEqual(['done']);
    expect(await root.getVersioning(bucket)).toBe('enabled');
  });

  it('reports what somebody has changed, and mends it where the record says so', async () => {
    const bucket = next('drift');
    const record = { bucket, tags: { team: 'a' }, versioning: true };
    await runOnce([bucketOf(record)]);
    await root.setTags(bucket, { team: 'b', other: 'x' });
    await root.setVersioning(bucket, 'suspended');
    await runOnce([bucketOf(record)]);
    expect(words).toEqual([]);
    expect(before[`bucket.${bucket}`]).toMatchObject({
      result: 'drift',
      message: `Bucket ${bucket} is not as the record says: versioning, tags`,
    });
    await runOnce([bucketOf({ ...record, drift: 'mend' }, '2')]);
    expect(results()).toEqual(['done']);
    // What the record says nothing of stays.
    expect(await root.getTags(bucket)).toEqual({ team: 'a', other: 'x' });
  });

  it('sets no drift unasked after a look that has failed', async () => {
    const bucket = next('hiccup');
    const said = { bucket, tags: { team: 'a' }, versioning: true };
    const record = bucketOf(said);
    const key = `bucket.${bucket}`;
    await runOnce([record]);
    await root.setVersioning(bucket, 'suspended');
    await runOnce([record]);
    const found = before[key];
    expect(found.result).toBe('drift');
    // The server restarts: nothing is learned of the bucket, and what was found stands.
    await runOnce([record], [], {
      client: answering([[/\?tagging/, 503, {}, '']]),
    });
    expect(before[key]).toEqual({
      ...found,
      checkedAt: expect.any(String),
    });
    // A look that is answered with a failure says so.
    await runOnce([record], [], {
      client: answering([[/\?tagging/, ...unknownCall]]),
    });
    expect(before[key]).toMatchObject({
      result: 'waiting',
      reason: 'NotSupported',
      message: expect.stringMatching(
        /; besides, it is not as the record says: versioning$/,
      ),
    });
    await runOnce([record]);
    expect(words).toEqual([]);
    expect(before[key].result).toBe('drift');
    expect(await root.getVersioning(bucket)).toBe('suspended');
    await runOnce([bucketOf({ ...said, drift: 'mend' }, '2')]);
    expect(await root.getVersioning(bucket)).toBe('enabled');
  });

  it('takes what an older status calls done or drift as settled', async () => {
    const bucket = next('older');
    const record = bucketOf({ bucket, tags: { team: 'a' }, versioning: true });
    const key = `bucket.${bucket}`;
    await runOnce([record]);
    await root.setVersioning(bucket, 'suspended');
    for (const result of ['done', 'drift'] as const) {
      const { reportOnly, ...older } = before[key];
      expect(reportOnly).toBe(true);
      before[key] = { ...older, result };
      await runOnce([record], [], {
        client: answering([[/\?tagging/, ...deniedCall]]),
      });
      expect(before[key].reason).toBe('Denied');
      await runOnce([record]);
      expect(words).toEqual([]);
      expect(before[key].result).toBe('drift');
    }
  });

  it('sets each setting once while one of them waits for a right', async () => {
    const bucket = next('lacking');
    const record = bucketOf({ bucket, tags: { team: 'a' }, versioning: true });
    const key = `bucket.${bucket}`;
    const denied = { client: answering([[/\?tagging/, ...deniedCall]]) };
    await runOnce([record], [], denied);
    expect(await root.getVersioning(bucket)).toBe('enabled');
    expect(before[key]).toMatchObject({ result: 'failed', reason: 'Denied' });
    await root.setVersioning(bucket, 'suspended');
    await runOnce([record], [], denied);
    expect(words).toEqual([]);
    expect(before[key]).toMatchObject({
      result: 'failed',
      reason: 'Denied',
      message: expect.stringMatching(
        /; besides, it is not as the record says: versioning$/,
      ),
    });
    // With the right, it sets what it never could, and only that.
    await runOnce([record]);
    expect(words).toEqual([`set the tags of bucket ${bucket}`]);
    expect(before[key]).toMatchObject({
      result: 'drift',
      message: `Bucket ${bucket} is not as the record says: versioning`,
    });
  });

  describe('of buckets that somebody else makes', () => {
    async function setOnce(
      records: VersionedRecord[],
      more: Partial<SettleSettingsOptions> = {},
    ): Promise<Settled> {
      calls.length = 0;
      const settled = await settleSettings({
        client,
        records,
        before,
        program: 'the portal',
        ...more,
      });
      before = { ...before, ...settled.items };
      return settled;
    }
    const ask = (
      records: VersionedRecord[],
      more?: Partial<SettleSettingsOptions>,
    ) =>
      setOnce(records, {
        asked: new Set(records.map(({ name }) => `bucket.${name}`)),
        ...more,
      });

    it('compares what nobody has asked for, whatever becomes of the look', async () => {
      const bucket = next('unasked');
      await root.createBucket(bucket);
      const record = bucketOf({
        bucket,
        tags: { team: 'a' },
        versioning: true,
      });
      await setOnce([record], {
        client: answering([[/\?tagging/, ...deniedCall]]),
      });
      expect(results()).toEqual(['failed']);
      await setOnce([record]);
      expect(writes()).toEqual([]);
      expect(before[`bucket.${bucket}`]).toMatchObject({
        result: 'drift',
        message: `Bucket ${bucket} is not as the record says: versioning, tags`,
      });
      await ask([record]);
      expect(results()).toEqual(['done']);
      expect(writes()).toHaveLength(2);
    });

    it('sets what is asked for, and leaves the others their turn', async () => {
      const [one, other] = [next('asked'), next('other')];
      await root.createBucket(one);
      await root.createBucket(other);
      const records = [one, other].map(bucket =>
        bucketOf({ bucket, versioning: true }),
      );
      await setOnce(records, { asked: new Set([`bucket.${one}`]) });
      expect(Object.keys(before)).toEqual([`bucket.${one}`]);
      expect(await root.getVersioning(one)).toBe('enabled');
      expect(await root.getVersioning(other)).toBe('off');
    });

    it('goes on by itself with what was asked for and could not be set yet', async () => {
      const bucket = next('later');
      await root.createBucket(bucket);
      const record = bucketOf({ bucket, tags: { team: 'a' } });
      await ask([record], {
        client: answering([[/\?tagging/, ...deniedCall]]),
      });
      expect(results()).toEqual(['failed']);
      await setOnce([record]);
      expect(results()).toEqual(['done']);
      expect(await root.getTags(bucket)).toEqual({ team: 'a' });
    });

    it('waits for the bucket, then sets it, and takes nobody else’s part', async () => {
      const bucket = next('settings');
      const record = bucketOf({ bucket, versioning: true });
      await ask([record]);
      expect(before[`bucket.${bucket}`]).toMatchObject({
        result: 'waiting',
        reason: 'BucketMissing',
      });
      expect(writes()).toEqual([]);

      await root.createBucket(bucket);
      await setOnce([record]);
      expect(results()).toEqual(['done']);
      expect(await root.getVersioning(bucket)).toBe('enabled');
      expect(writes()).toHaveLength(1);
      // Its users and policies are the business of whoever makes them.
      expect(calls.filter(call => /users|policies/.test(call))).toEqual([]);
      await setOnce([record]);
      // Which server it is, and its buckets.
      expect(calls).toHaveLength(2);
    });

    it('has each write be noted, with what came of it', async () => {
      const bucket = next('noted');
      await root.createBucket(bucket);
      const notes: string[] = [];
      await ask(
        [bucketOf({ bucket, versioning: true, encryption: 'sse-s3' })],
        {
          client: answering([[/\?versioning/, ...deniedCall]]),
          makeChange: async ({ key, words: said }, make) => {
            notes.push(`${key}: ${said}`);
            await make().catch(error => {
              notes.push(`failed: ${error.reason}`);
              throw error;
            });
          },
        },
      );
      // What one setting lacks keeps no other from being set.
      expect(notes).toEqual([
        `bucket.${bucket}: set the versioning of bucket ${bucket}`,
        'failed: denied',
        `bucket.${bucket}: set the encryption of bucket ${bucket}`,
      ]);
      expect(await root.getEncryption(bucket)).toBe('sse-s3');
      expect(before[`bucket.${bucket}`]).toMatchObject({
        result: 'failed',
        reason: 'Denied',
        message: expect.stringContaining('s3:PutBucketVersioning'),
      });
    });

    it('reports what was changed on the server, or mends it', async () => {
      const bucket = next('changed');
      await root.createBucket(bucket);
      await ask([bucketOf({ bucket, versioning: true })]);
      await root.setVersioning(bucket, 'suspended');
      await setOnce([bucketOf({ bucket, versioning: true, drift: 'report' })]);
      expect(before[`bucket.${bucket}`]).toMatchObject({
        result: 'drift',
        reason: 'Drift',
        message: `Bucket ${bucket} is not as the record says: versioning`,
      });
      await setOnce([bucketOf({ bucket, versioning: true, drift: 'mend' })]);
      expect(results()).toEqual(['done']);
      expect(await root.getVersioning(bucket)).toBe('enabled');
    });
  });

  it('makes policy and user of an access, and sets the secret only when it differs', async () => {
    const access = next('acc');
    await runOnce([accessOf(access)]);
    expect(before[`access.${access}`]).toMatchObject({
      result: 'waiting',
      reason: 'SecretMissing',
    });
    expect(await userOf(access)).toBeUndefined();

    await runOnce([accessOf(access)], [secretOf(access)]);
    expect(before[`access.${access}`]).toMatchObject({
      result: 'done',
      secretVersion: 'secret-one',
    });
    expect(await userOf(access)).toMatchObject({
      enabled: true,
      policies: [`access-${access}`],
    });

    const again = accessOf(access, {}, '2');
    const sameSecret = { ...secretOf(access), resourceVersion: 'again' };
    await runOnce([again], [sameSecret]);
    expect(words).toEqual([]);
    await runOnce([again], [secretOf(access, 'secret-two')]);
    expect(words).toEqual([`set the secret of user user-${access}`]);
    expect(await root.tryKey(secretOf(access, 'secret-two').pair!)).toBe(
      'accepted',
    );
  });

  it('sets a policy and the policies of a user only when they differ', async () => {
    const access = next('pol');
    const secrets = [secretOf(access)];
    await runOnce([accessOf(access)], secrets);
    await root.setUserPolicies(`user-${access}`, ['readwrite', 'diagnostics']);
    await runOnce([accessOf(access)], secrets);
    expect([results(), words]).toEqual([['drift'], []]);
    const document = documentOf('elsewhere');
    await runOnce([accessOf(access, { document }, '2')], secrets);
    expect(words).toEqual([
      `set policy access-${access}`,
      `give user user-${access} policy access-${access} and no other`,
    ]);
    expect(results()).toEqual(['done']);
    expect((await userOf(access))!.policies).toEqual([`access-${access}`]);
  });

  it('leaves a disabled user disabled, and says so', async () => {
    const access = next('dis');
    await runOnce([accessOf(access)], [secretOf(access)]);
    await root.setUserEnabled(`user-${access}`, false);
    await runOnce(
      [accessOf(access, { drift: 'mend' }, '2')],
      [secretOf(access, 'secret-two')],
    );
    expect(before[`access.${access}`]).toMatchObject({
      result: 'drift',
      message: expect.stringContaining('disabled on the server'),
    });
    expect((await userOf(access))!.enabled).toBe(false);
  });

  it('remembers a new secret of a disabled user until the server has it', async () => {
    const [failing, ending] = [next('rot'), next('rot')];
    const leaked = [secretOf(failing), secretOf(ending)];
    const rotated = [
      secretOf(failing, 'secret-two'),
      secretOf(ending, 'secret-two'),
    ];
    await runOnce([accessOf(failing), accessOf(ending)], leaked);
    await root.setUserEnabled(`user-${failing}`, false);
    const ended = accessOf(ending, { state: 'revoked' }, '2');
    await runOnce([accessOf(failing), ended], rotated, {
      client: answering([[/set-user-secret-key/, ...deniedCall]]),
    });
    expect(before[`access.${failing}`]).toMatchObject({
      result: 'failed',
      secretPending: true,
    });
    await runOnce([accessOf(failing), accessOf(ending, {}, '3')], rotated);
    expect(results()).toEqual(['drift', 'drift']);
    for (const access of [failing, ending]) {
      expect(before[`access.${access}`].secretPending).toBeUndefined();
      expect((await userOf(access))!.enabled).toBe(false);
      await root.setUserEnabled(`user-${access}`, true);
      expect(await root.tryKey(secretOf(access).pair!)).toBe('wrong-secret');
    }
  });

  it('leaves a user alone whom somebody has disabled since it began', async () => {
    const access = next('late');
    await runOnce([accessOf(access)], [secretOf(access)]);
    const late = HttpProvisioningClient.create({
      endpoint: server.endpoint,
      ...server.root,
      timeoutMs: 30_000,
      fetch: async (input, init) => {
        if (/set-user-secret-key/.test(String(input))) {
          // As on servers before 1.0.0, where the secret is set with the status.
          return new Response(unknownCall[2], { status: unknownCall[0] });
        }
        const answer = await fetch(input, init);
        if (/list-users/.test(String(input))) {
          await root.setUserEnabled(`user-${access}`, false);
        }
        return answer;
      },
    });
    const again = { ...secretOf(access), resourceVersion: 'again' };
    await runOnce([accessOf(access)], [again], { client: late });
    expect(before[`access.${access}`]).toMatchObject({
      result: 'waiting',
      reason: 'ServerFailed',
    });
    expect(words).toEqual([]);
    await root.setUserEnabled(`user-${access}`, true);
    const rotated = secretOf(access, 'secret-two');
    await runOnce([accessOf(access)], [rotated], { client: late });
    expect(words).toEqual([`set the secret of user user-${access}`]);
    expect((await userOf(access))!.enabled).toBe(false);
    await root.setUserEnabled(`user-${access}`, true);
    expect(await root.tryKey(rotated.pair!)).toBe('accepted');
  });

  it('does not take for its own what somebody makes under a name that came to nothing', async () => {
    const [bucket, access, gone] = [next('own'), next('own'), next('own')];
    const nothing = { buckets: [], users: [], policies: [] };
    const records = [bucketOf({ bucket }), accessOf(access)];
    made = { ...nothing, buckets: [gone] };
    await runOnce(records, [secretOf(access)], { signal: AbortSignal.abort() });
    expect(made).toEqual(nothing);
    await root.createBucket(bucket);
    await root.addUser(secretOf(access).pair!);
    await runOnce(records, [secretOf(access)]);
    expect(Object.values(before).map(({ reason }) => reason)).toEqual([
      'BucketNotOurs',
      'UserNotOurs',
    ]);
    const other = next('own');
    const { pair } = secretOf('somebody');
    await runOnce([accessOf(other)], [{ ...secretOf(other), pair }]);
    expect(made).toEqual({ ...nothing, policies: [`access-${other}`] });
  });

  it('goes on with the others where one record makes it fail itself', async () => {
    const right = next('right');
    // No address can be made of half a character.
    const wrong = `${next('wrong')}\ud800`;
    const faults: string[] = [];
    await runOnce(
      [bucketOf({ bucket: wrong }), bucketOf({ bucket: right })],
      [],
      { observeFault: ({ key }) => faults.push(key) },
    );
    expect(before[`bucket.${wrong}`]).toMatchObject({
      result: 'failed',
      reason: 'ProgramFailed',
    });
    expect(before[`bucket.${right}`].result).toBe('done');
    expect(faults).toEqual([`bucket.${wrong}`]);
  });

  it('touches no user that it did not make until the record says to take him over', async () => {
    const access = next('foreign');
    const pair = secretOf(access).pair!;
    await root.addUser(pair);
    await root.setUserPolicies(pair.accessKeyId, ['consoleAdmin']);
    const secrets = [secretOf(access, 'secret-two')];
    await runOnce([accessOf(access)], secrets);
    expect(before[`access.${access}`].reason).toBe('UserNotOurs');
    await runOnce([accessOf(access, { state: 'revoked' }, '2')], secrets);
    expect(before[`access.${access}`].reason).toBe('UserNotOurs');
    expect(await userOf(access)).toMatchObject({
      enabled: true,
      policies: ['consoleAdmin'],
    });
    expect(await root.tryKey(pair)).toBe('accepted');
    await runOnce([accessOf(access, { adopt: true }, '3')], secrets);
    expect(results()).toEqual(['done']);
    expect((await userOf(access))!.policies).toEqual([`access-${access}`]);
  });

  const refused: Array<[string, Partial<AccessRecord>, string]> = [
    ['a built-in policy', { policy: 'readwrite' }, 'PolicyNotOurs'],
    ['the denying policy', { policy: DENYING_POLICY_NAME }, 'PolicyNotOurs'],
    ['several policies', { policy: 'one,consoleAdmin' }, 'PolicyRefused'],
    ['no policy', { document: undefined }, 'BadRecord'],
    ['a key that cannot sign', { accessKeyId: 'a/b' }, 'BadRecord'],
    ['a Secret for another user', { accessKeyId: 'somebody' }, 'BadRecord'],
    [
      'an action that the server does not know',
      {
        document: {
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:UploadPart'],
              Resource: ['arn:aws:s3:::x'],
            },
          ],
        },
      },
      'PolicyRefused',
    ],
  ];

  it.each(refused)(
    'refuses an access with %s, and settles the others',
    async (_, more, reason) => {
      const [wrong, right] = [next('wrong'), next('right')];
      const { items } = await runOnce(
        [accessOf(wrong, { adopt: true, ...more }), accessOf(right)],
        [secretOf(wrong, 'never-said-aloud'), secretOf(right)],
      );
      expect(items[`access.${wrong}`]).toMatchObject({
        result: 'failed',
        reason,
      });
      expect(items[`access.${right}`].result).toBe('done');
      expect(items[`access.${wrong}`].message).not.toContain('never-said');
    },
  );

  it('does not let a record reach the user as which it works', async () => {
    const access = next('self');
    const { accessKeyId } = server.root;
    await runOnce([
      accessOf(access, { accessKeyId, state: 'revoked', adopt: true }),
    ]);
    expect(before[`access.${access}`].reason).toBe('UserNotOurs');
  });

  it('counts no record where two say the same', async () => {
    const [one, two] = [next('one'), next('two')];
    const accessKeyId = 'shared-user';
    await runOnce([
      accessOf(one, { accessKeyId }),
      accessOf(two, { accessKeyId }),
      bucketOf({ bucket: one }),
      { ...bucketOf({ bucket: one }), uid: 'another' },
    ]);
    expect(Object.values(before).map(({ reason }) => reason)).toEqual([
      'BadRecord',
      'BadRecord',
      'BadRecord',
    ]);
    expect(words).toEqual([]);
  });

  it('ends an access: the user is disabled and denied everything, and stays', async () => {
    const access = next('end');
    await runOnce([accessOf(access)], [secretOf(access)]);
    const ended = accessOf(access, { state: 'revoked' }, '2');
    await runOnce([ended], [secretOf(access)]);
    expect(results()).toEqual(['done']);
    expect(await userOf(access)).toMatchObject({
      enabled: false,
      policies: [DENYING_POLICY_NAME],
    });
    expect((await root.listPolicies()).get(DENYING_POLICY_NAME)).toMatchObject({
      Version: buildDenyingPolicy().Version,
    });
    await runOnce([ended], []);
    expect(words).toEqual([]);
    // A record that is gone ends nothing and deletes nothing.
    const { removed } = await runOnce([], []);
    expect(removed).toEqual([`access.${access}`]);
    expect(words).toEqual([]);
    expect(await userOf(access)).toBeDefined();
  });

  it('tells in a dry run what it would do, and does nothing', async () => {
    const [bucket, access] = [next('dry'), next('dry')];
    await runOnce(
      [bucketOf({ bucket, versioning: true }), accessOf(access)],
      [secretOf(access)],
      { dryRun: true },
    );
    expect(words).toEqual([
      `make bucket ${bucket}`,
      `set the versioning of bucket ${bucket}`,
      `set policy access-${access}`,
      `make user user-${access}`,
      `give user user-${access} policy access-${access} and no other`,
    ]);
    expect(writes()).toEqual([]);
    expect(await root.bucketExists(bucket)).toBe(false);
  });

  it.each(['before', 'after'])(
    'comes to the same end when it is stopped %s any of its calls',
    async when => {
      let isComplete = false;
      for (let allowed = 0; !isComplete; allowed += 1) {
        const [bucket, access] = [next('kill'), next('kill')];
        const records = [
          bucketOf({ bucket, tags: { a: 'b' } }),
          accessOf(access),
        ];
        const secrets = [secretOf(access)];
        before = {};
        made = undefined;
        let count = 0;
        const killed = HttpProvisioningClient.create({
          endpoint: server.endpoint,
          ...server.root,
          fetch: async (input, init) => {
            count += 1;
            if (count <= allowed) {
              return fetch(input, init);
            }
            if (when === 'after' && count === allowed + 1) {
              await fetch(input, init);
            }
            throw new Error('killed');
          },
        });
        await runOnce(records, secrets, { client: killed });
        isComplete = count <= allowed;
        // What a process that is killed has learned is lost; what it has claimed is kept.
        before = {};
        await runOnce(records, secrets);
        expect([allowed, results()]).toEqual([allowed, ['done', 'done']]);
        expect(await userOf(access)).toMatchObject({
          enabled: true,
          policies: [`access-${access}`],
        });
        expect(await root.tryKey(secrets[0].pair!)).toBe('accepted');
        expect(await root.getTags(bucket)).toEqual({ a: 'b' });
      }
    },
    120_000,
  );

  it('does no harm twice at a time', async () => {
    const [bucket, access] = [next('twice'), next('twice')];
    const records = [bucketOf({ bucket, versioning: true }), accessOf(access)];
    const secrets = [secretOf(access)];
    await Promise.all([runOnce(records, secrets), runOnce(records, secrets)]);
    await runOnce(records, secrets);
    expect(results()).toEqual(['done', 'done']);
    expect(await userOf(access)).toMatchObject({
      policies: [`access-${access}`],
    });
  });

  it('makes on MinIO what S3 can make, and says what it leaves out', async () => {
    const minio = answering([
      [/\/health$/, 403, { server: 'MinIO' }, '<Error/>'],
      [/\/rustfs\/admin/, 404, { server: 'MinIO' }, '<Error/>'],
    ]);
    const [plain, quota, access] = [next('minio'), next('minio'), next('m')];
    await runOnce(
      [
        bucketOf({ bucket: plain, versioning: true, tags: { a: 'b' } }),
        bucketOf({ bucket: quota, quotaBytes: 5 }),
        accessOf(access),
      ],
      [secretOf(access)],
      { client: minio },
    );
    expect(
      Object.values(before).map(({ result, reason }) => [result, reason]),
    ).toEqual([
      ['done', 'Settled'],
      ['waiting', 'NotSupported'],
      ['waiting', 'NotSupported'],
    ]);
    expect(await root.getVersioning(plain)).toBe('enabled');
    expect(await root.bucketExists(quota)).toBe(true);
    expect(await userOf(access)).toBeUndefined();
  });

  it('gets by on an older server, and says what that cannot do', async () => {
    const older = answering([
      [/set-user-secret-key/, ...unknownCall],
      [/\?encryption/, ...unknownCall],
    ]);
    const [bucket, access] = [next('older'), next('older')];
    const records = [
      bucketOf({ bucket, encryption: 'sse-s3' }),
      accessOf(access),
    ];
    await runOnce(records, [secretOf(access)], { client: older });
    await runOnce(records, [secretOf(access, 'secret-two')], {
      client: older,
    });
    expect(before[`bucket.${bucket}`]).toMatchObject({
      result: 'waiting',
      reason: 'NotSupported',
    });
    expect(before[`access.${access}`].result).toBe('done');
    expect(await root.tryKey(secretOf(access, 'secret-two').pair!)).toBe(
      'accepted',
    );
  });

  itInSandbox('says what stops all of it, and goes on later', async () => {
    const records = Array.from({ length: 6 }, () =>
      bucketOf({ bucket: next('storm') }),
    );
    const wrong = HttpProvisioningClient.create({
      endpoint: server.endpoint,
      ...server.root,
      secretAccessKey: 'not-the-secret',
    });
    expect(await runOnce(records, [], { client: wrong })).toMatchObject({
      items: {},
      stopped: { reason: 'credentials' },
    });
    server.sandbox!.faults.set({ mode: 'down' });
    expect(await runOnce(records)).toMatchObject({
      items: {},
      stopped: { reason: 'unreachable' },
    });
    // Lists are answered, writes are turned away.
    server.sandbox!.faults.set({ readOnly: true });
    const { items, stopped } = await runOnce(records);
    expect(stopped).toMatchObject({ reason: 'busy' });
    expect(Object.values(items).map(({ result }) => result)).toEqual([
      'waiting',
      'waiting',
      'waiting',
    ]);
    server.sandbox!.faults.set(undefined);
    await runOnce(records);
    expect(results()).toEqual(Array(6).fill('done'));
  });

  itInSandbox(
    'looks at a thousand records with few calls, and at each in its turn',
    async () => {
      const lists = 4;
      const records = Array.from({ length: 500 }, (_, index) => [
        bucketOf({ bucket: `many-${index}`, tags: { n: String(index) } }),
        accessOf(`many-${index}`),
      ]).flat();
      const secrets = Array.from({ length: 500 }, (_, index) =>
        secretOf(`many-${index}`),
      );
      await runOnce(records, secrets);
      expect(results()).toEqual(Array(1000).fill('done'));
      const first = before;
      for (let turn = 0; turn < 1000 / OTHERS_PER_RUN; turn += 1) {
        await runOnce(records, secrets);
        expect(calls.length).toBeLessThanOrEqual(lists + OTHERS_PER_RUN);
      }
      const unseen = Object.keys(before).filter(
        key => before[key].checkedAt === first[key].checkedAt,
      );
      expect(unseen).toEqual([]);
      // One has changed: its own calls come to those of the turn.
      records[14] = bucketOf({ bucket: 'many-7', tags: { n: 'other' } }, '2');
      await runOnce(records, secrets);
      expect(words).toEqual(['set the tags of bucket many-7']);
      expect(calls.length).toBeLessThanOrEqual(lists + OTHERS_PER_RUN + 2);
    },
    300_000,
  );
});
