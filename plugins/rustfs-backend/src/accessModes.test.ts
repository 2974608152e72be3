import { setTimeout as sleep } from 'node:timers/promises';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetBucketVersioningCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  ACCESS_MODES,
  accessEntryName,
  buildDenyingPolicy,
  AccessScope,
} from '@rustfs-portal/plugin-rustfs-common';
import { RustfsAdmin } from '@rustfs-portal/sandbox';
import { AccessWorld, TENANT } from './__testUtils__/AccessWorld';

/*
 * What each mode promises, tried call by call with the key from the workload's Secret on the server of the sandbox, and on
 * a real, empty one where the environment names it: RUSTFS_ENDPOINT, RUSTFS_ACCESS_KEY, RUSTFS_SECRET_KEY. Users and
 * policies get there as the operator brings them.
 */
const { RUSTFS_ENDPOINT, RUSTFS_ACCESS_KEY, RUSTFS_SECRET_KEY } = process.env;

jest.setTimeout(600_000);

type Mode = (typeof ACCESS_MODES)[number];

const INSIDE = 'checkout-invoices';
const OUTSIDE = 'checkout-exports';

const SCOPES: Record<string, AccessScope> = {
  bucket: { type: 'buckets', buckets: [INSIDE] },
  prefix: { type: 'prefix', bucket: INSIDE, prefix: 'team-a/' },
  pattern: { type: 'pattern', pattern: 'checkout-in*' },
};

const ACCESSES = ACCESS_MODES.flatMap(mode =>
  Object.keys(SCOPES).map(scope => ({ mode, scope, name: `${mode}-${scope}` })),
);

/** Whether it works, for a mode on a whole bucket and on a prefix. */
type Rule = (mode: Mode, isPrefix: boolean) => boolean;

const always: Rule = () => true;
const never: Rule = () => false;
const reads: Rule = mode => mode !== 'write';
const writes: Rule = mode => mode !== 'read';
const both: Rule = mode => mode === 'read-write';
const onWhole =
  (rule: Rule): Rule =>
  (mode, isPrefix) =>
    !isPrefix && rule(mode, isPrefix);

interface Place {
  /** Of the object `team-a/seed`. */
  version: string;
}

type Call = (s3: S3Client, place: Place) => Promise<unknown>;

const a = { Bucket: INSIDE, Key: 'team-a/seed' };
const b = { Bucket: INSIDE, Key: 'team-b/seed' };

async function upload(s3: S3Client, end: 'complete' | 'abort') {
  const object = { Bucket: INSIDE, Key: `team-a/${end}` };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
  const part = { ...object, UploadId };
  const { ETag } = await s3.send(
    new UploadPartCommand({ ...part, PartNumber: 1, Body: 'hello' }),
  );
  await s3.send(new ListPartsCommand(part));
  return end === 'abort'
    ? s3.send(new AbortMultipartUploadCommand(part))
    : s3.send(
        new CompleteMultipartUploadCommand({
          ...part,
          MultipartUpload: { Parts: [{ ETag, PartNumber: 1 }] },
        }),
      );
}

const CALLS: Array<[call: string, works: Rule, send: Call]> = [
  [
    'lists the objects below the prefix',
    reads,
    s3 => s3.send(new ListObjectsV2Command({ ...a, Prefix: 'team-a/' })),
  ],
  [
    'lists all objects',
    onWhole(reads),
    s3 => s3.send(new ListObjectsV2Command({ Bucket: INSIDE })),
  ],
  [
    'lists objects whose names begin alike',
    onWhole(reads),
    s3 =>
      s3.send(new ListObjectsV2Command({ Bucket: INSIDE, Prefix: 'team-a' })),
  ],
  [
    'looks at the bucket',
    onWhole(reads),
    s3 => s3.send(new HeadBucketCommand({ Bucket: INSIDE })),
  ],
  [
    'asks where the bucket is',
    always,
    s3 => s3.send(new GetBucketLocationCommand({ Bucket: INSIDE })),
  ],
  [
    'asks whether versions are kept',
    always,
    s3 => s3.send(new GetBucketVersioningCommand({ Bucket: INSIDE })),
  ],
  ['gets an object', reads, s3 => s3.send(new GetObjectCommand(a))],
  ['looks at an object', reads, s3 => s3.send(new HeadObjectCommand(a))],
  ['gets its tags', reads, s3 => s3.send(new GetObjectTaggingCommand(a))],
  [
    'gets an object beside the prefix',
    onWhole(reads),
    s3 => s3.send(new GetObjectCommand(b)),
  ],
  [
    'gets a version of an object',
    never,
    (s3, { version }) =>
      s3.send(new GetObjectCommand({ ...a, VersionId: version })),
  ],
  [
    'lists versions',
    never,
    s3 => s3.send(new ListObjectVersionsCommand({ ...a, Prefix: 'team-a/' })),
  ],
  [
    'puts an object',
    writes,
    s3 =>
      s3.send(new PutObjectCommand({ ...a, Key: 'team-a/new', Body: 'hello' })),
  ],
  [
    'puts an object with tags',
    writes,
    s3 =>
      s3.send(
        new PutObjectCommand({
          ...a,
          Key: 'team-a/tagged',
          Body: 'hello',
          Tagging: 'a=b',
        }),
      ),
  ],
  [
    'changes tags',
    writes,
    s3 =>
      s3.send(
        new PutObjectTaggingCommand({
          ...a,
          Tagging: { TagSet: [{ Key: 'a', Value: 'c' }] },
        }),
      ),
  ],
  [
    'puts an object beside the prefix',
    onWhole(writes),
    s3 =>
      s3.send(new PutObjectCommand({ ...b, Key: 'team-b/new', Body: 'hello' })),
  ],
  [
    'copies an object',
    both,
    s3 =>
      s3.send(
        new CopyObjectCommand({
          ...a,
          Key: 'team-a/copy',
          CopySource: `${INSIDE}/team-a/seed`,
        }),
      ),
  ],
  ['uploads in parts', writes, s3 => upload(s3, 'complete')],
  ['gives up an upload in parts', writes, s3 => upload(s3, 'abort')],
  [
    'lists uploads in parts',
    writes,
    s3 =>
      s3.send(
        new ListMultipartUploadsCommand({ Bucket: INSIDE, Prefix: 'team-a/' }),
      ),
  ],
  [
    'deletes an object',
    writes,
    s3 => s3.send(new DeleteObjectCommand({ ...a, Key: 'team-a/gone' })),
  ],
  [
    'deletes several objects',
    writes,
    async s3 => {
      const { Errors = [] } = await s3.send(
        new DeleteObjectsCommand({
          Bucket: INSIDE,
          Delete: { Objects: [{ Key: 'team-a/gone' }] },
        }),
      );
      if (Errors.length) {
        throw new S3ServiceException({
          name: Errors[0].Code!,
          $fault: 'client',
          $metadata: { httpStatusCode: 403 },
        });
      }
    },
  ],
  [
    'deletes a version for good',
    never,
    (s3, { version }) =>
      s3.send(new DeleteObjectCommand({ ...a, VersionId: version })),
  ],
  [
    'makes a bucket of a name that fits',
    never,
    s3 => s3.send(new CreateBucketCommand({ Bucket: 'checkout-in-new' })),
  ],
  [
    'deletes the bucket',
    never,
    s3 => s3.send(new DeleteBucketCommand({ Bucket: INSIDE })),
  ],
  [
    'turns versions off',
    never,
    s3 =>
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: INSIDE,
          VersioningConfiguration: { Status: 'Suspended' },
        }),
      ),
  ],
  [
    'opens the bucket to everyone',
    never,
    s3 =>
      s3.send(
        new PutBucketPolicyCommand({
          Bucket: INSIDE,
          Policy: JSON.stringify({
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { AWS: ['*'] },
                Action: ['s3:GetObject'],
                Resource: [`arn:aws:s3:::${INSIDE}/*`],
              },
            ],
          }),
        }),
      ),
  ],
  [
    'lists another bucket',
    never,
    s3 => s3.send(new ListObjectsV2Command({ Bucket: OUTSIDE })),
  ],
  [
    'gets an object of another bucket',
    never,
    s3 => s3.send(new GetObjectCommand({ Bucket: OUTSIDE, Key: 'seed' })),
  ],
  [
    'puts an object into another bucket',
    never,
    s3 =>
      s3.send(
        new PutObjectCommand({ Bucket: OUTSIDE, Key: 'new', Body: 'hello' }),
      ),
  ],
];

/** What came of a call; what is neither fails the test. */
async function outcomeOf(sent: Promise<unknown>): Promise<string> {
  try {
    await sent;
    return 'works';
  } catch (error) {
    const isDenied =
      error instanceof S3ServiceException &&
      error.$metadata.httpStatusCode === 403 &&
      // Answers to HEAD have no body that could name it.
      ['AccessDenied', 'Unknown'].includes(error.name);
    if (!isDenied) {
      throw error;
    }
    return 'denied';
  }
}

function connect(
  endpoint: string,
  credentials: { accessKeyId: string; secretAccessKey: string },
) {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    maxAttempts: 1,
    credentials,
  });
}

/** Puts what the calls find on a server. */
async function seed(s3: S3Client): Promise<Place> {
  await s3.send(
    new PutBucketVersioningCommand({
      Bucket: INSIDE,
      VersioningConfiguration: { Status: 'Enabled' },
    }),
  );
  for (const object of [b, { Bucket: OUTSIDE, Key: 'seed' }]) {
    await s3.send(new PutObjectCommand({ ...object, Body: 'seed' }));
  }
  const { VersionId } = await s3.send(
    new PutObjectCommand({ ...a, Body: 'seed', Tagging: 'a=b' }),
  );
  return { version: VersionId! };
}

const servers = ['the sandbox', ...(RUSTFS_ENDPOINT ? ['a real server'] : [])];

describe('what a key may do, by its mode', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let world: AccessWorld;
  const secrets = new Map<string, Record<string, string>>();
  const places = new Map<
    string,
    Place & { endpoint: string; admin: RustfsAdmin }
  >();

  beforeAll(async () => {
    world = await AccessWorld.start({ databases });
    const asked = [];
    for (const { mode, name, scope } of ACCESSES) {
      asked.push(
        await world.ask('access-create', {
          access: name,
          mode,
          scope: SCOPES[scope],
          consumer: { namespace: 'checkout', secret: name },
        }),
      );
    }
    await world.mergeInTurn(asked);
    await world.followUntil(
      asked.map(({ id }) => id),
      'ready',
    );
    for (const { name } of ACCESSES) {
      secrets.set(name, await world.readSecret(name));
    }
    const { accessKey, endpoint, secretKey } =
      world.sandbox.connections.rustfs.find(({ tenant }) => tenant === TENANT)!;
    const root = { accessKeyId: accessKey, secretAccessKey: secretKey };
    const admin = new RustfsAdmin(endpoint, { accessKey, secretKey });
    places.set('the sandbox', {
      endpoint,
      admin,
      ...(await seed(connect(endpoint, root))),
    });
    if (RUSTFS_ENDPOINT) {
      places.set('a real server', {
        endpoint: RUSTFS_ENDPOINT,
        ...(await bringTo(RUSTFS_ENDPOINT, await admin.listPolicies())),
      });
    }
  });

  afterAll(() => world?.stop());

  /** Does on a real server what the operator did on that of the sandbox. */
  async function bringTo(
    endpoint: string,
    policies: Map<string, unknown>,
  ): Promise<Place & { admin: RustfsAdmin }> {
    const root = {
      accessKey: RUSTFS_ACCESS_KEY!,
      secretKey: RUSTFS_SECRET_KEY!,
    };
    const admin = new RustfsAdmin(endpoint, root);
    for (const bucket of [INSIDE, OUTSIDE]) {
      await admin.createBucket(bucket, {});
    }
    for (const { name } of ACCESSES) {
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = secrets.get(name)!;
      const policy = accessEntryName(name);
      await admin.putPolicy(policy, policies.get(policy));
      await admin.putUser(AWS_ACCESS_KEY_ID, {
        secretKey: AWS_SECRET_ACCESS_KEY,
        status: 'enabled',
      });
      await admin.setUserPolicies(AWS_ACCESS_KEY_ID, [policy]);
    }
    // It takes a moment until a new user counts everywhere.
    await sleep(1_000);
    const s3 = connect(endpoint, {
      accessKeyId: root.accessKey,
      secretAccessKey: root.secretKey,
    });
    return { admin, ...(await seed(s3)) };
  }

  describe.each(servers)('on %s', server => {
    it.each(ACCESSES)(
      '$mode on a $scope does what it promises, and nothing else',
      async ({ mode, name, scope }) => {
        const secret = secrets.get(name)!;
        const { endpoint, ...place } = places.get(server)!;
        const s3 = connect(endpoint, {
          accessKeyId: secret.AWS_ACCESS_KEY_ID,
          secretAccessKey: secret.AWS_SECRET_ACCESS_KEY,
        });
        const outcomes: string[] = [];
        const promised: string[] = [];
        for (const [call, works, send] of CALLS) {
          promised.push(
            `${call}: ${works(mode, scope === 'prefix') ? 'works' : 'denied'}`,
          );
          outcomes.push(
            await outcomeOf(send(s3, place)).then(
              outcome => `${call}: ${outcome}`,
              error => `${call}: ${error}`,
            ),
          );
        }
        expect(outcomes).toEqual(promised);
        const { Buckets } = await s3.send(new ListBucketsCommand({}));
        expect(Buckets!.map(({ Name }) => Name)).toEqual([INSIDE]);
      },
    );

    it('one that has ended may do nothing, even with the key that it had', async () => {
      const name = 'read-write-bucket';
      const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY } = secrets.get(name)!;
      const { admin, endpoint, ...place } = places.get(server)!;
      await admin.putPolicy('ended', buildDenyingPolicy());
      await admin.setUserPolicies(AWS_ACCESS_KEY_ID, ['ended']);
      await sleep(1_000);
      const s3 = connect(endpoint, {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
      });
      const works: string[] = [];
      for (const [call, , send] of CALLS) {
        if ((await outcomeOf(send(s3, place))) === 'works') {
          works.push(call);
        }
      }
      expect(works).toEqual([]);
    });
  });
});
