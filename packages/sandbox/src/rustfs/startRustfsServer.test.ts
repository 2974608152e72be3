import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CopyObjectCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  ListPartsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  GetObjectTaggingCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { ContractWorld } from './__testUtils__/ContractWorld';
import { startRustfsServer } from './startRustfsServer';
import type { RustfsServer } from './types';

const ROOT = { accessKeyId: 'root-access', secretAccessKey: 'root-secret-key' };
const MIB = 1024 * 1024;

function s3Client(
  endpoint: string,
  credentials: {
    accessKeyId: string;
    secretAccessKey: string;
    sessionToken?: string;
  } = ROOT,
): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
    maxAttempts: 1,
  });
}

describe('RustFS stand-in, driven by the AWS SDK', () => {
  let dataDir: string;
  let server: RustfsServer;
  let s3: S3Client;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-'));
    server = await start();
    s3 = s3Client(server.endpoint);
    await s3.send(new CreateBucketCommand({ Bucket: 'data' }));
  });

  afterAll(async () => {
    s3.destroy();
    await server.stop();
    await rm(dataDir, { recursive: true });
  });

  function start(): Promise<RustfsServer> {
    return startRustfsServer({
      dataDir,
      rootAccessKey: ROOT.accessKeyId,
      rootSecretKey: ROOT.secretAccessKey,
    });
  }

  /** For what the SDK does not send. */
  function world(): ContractWorld {
    return new ContractWorld({
      endpoint: server.endpoint,
      root: ROOT,
      measure: () => server.scanNow(),
    });
  }

  async function read(Key: string, extra: object = {}): Promise<string> {
    const { Body } = await s3.send(
      new GetObjectCommand({ Bucket: 'data', Key, ...extra }),
    );
    return Body!.transformToString();
  }

  it('stores an object with its metadata and gives it back', async () => {
    const put = await s3.send(
      new PutObjectCommand({
        Bucket: 'data',
        Key: 'ü b/ö+%2F.txt',
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { owner: 'checkout' },
      }),
    );
    expect(put.ETag).toBe('"5d41402abc4b2a76b9719d911017c592"');
    expect(put.ChecksumCRC32).toBe('NhCmhg==');

    const got = await s3.send(
      new GetObjectCommand({ Bucket: 'data', Key: 'ü b/ö+%2F.txt' }),
    );
    expect(await got.Body!.transformToString()).toBe('hello');
    expect(got.ContentType).toBe('text/plain');
    expect(got.Metadata).toEqual({ owner: 'checkout' });
    expect(await read('ü b/ö+%2F.txt', { Range: 'bytes=1-3' })).toBe('ell');
    await expect(
      read('ü b/ö+%2F.txt', { IfNoneMatch: put.ETag }),
    ).rejects.toMatchObject({ $metadata: { httpStatusCode: 304 } });
    await expect(read('none')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('takes a stream whose chunks are signed or only summed up', async () => {
    const body = Buffer.alloc(300_000, 'x');
    await s3.send(
      new PutObjectCommand({
        Bucket: 'data',
        Key: 'streamed',
        Body: Readable.from([
          body.subarray(0, 100_000),
          body.subarray(100_000),
        ]),
        ContentLength: body.length,
      }),
    );
    expect((await read('streamed')).length).toBe(body.length);
  });

  it('refuses a body that is not the one that was signed for', async () => {
    const client = s3Client(server.endpoint);
    await expect(
      client.send(
        new PutObjectCommand({
          Bucket: 'data',
          Key: 'broken',
          Body: 'hello',
          ChecksumSHA256: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=',
        }),
      ),
    ).rejects.toMatchObject({ name: 'BadDigest' });
    client.destroy();
    await expect(read('broken')).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('lists with delimiter and pages in order', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'listing' }));
    for (const Key of ['a/1', 'a/2', 'b', 'c/1', 'd']) {
      await s3.send(
        new PutObjectCommand({ Bucket: 'listing', Key, Body: Key }),
      );
    }
    const seen: Array<string | undefined> = [];
    let ContinuationToken: string | undefined;
    do {
      const page = await s3.send(
        new ListObjectsV2Command({
          Bucket: 'listing',
          Delimiter: '/',
          MaxKeys: 1,
          ContinuationToken,
        }),
      );
      seen.push(
        ...(page.CommonPrefixes ?? []).map(prefix => prefix.Prefix),
        ...(page.Contents ?? []).map(object => object.Key),
      );
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
    expect(seen).toEqual(['a/', 'b', 'c/', 'd']);

    const v1 = await s3.send(
      new ListObjectsCommand({ Bucket: 'listing', Prefix: 'a/', MaxKeys: 1 }),
    );
    expect(v1.Contents?.map(object => object.Key)).toEqual(['a/1']);
    expect(v1.NextMarker).toBe('a/1');
  });

  it('keeps versions and delete markers', async () => {
    const Bucket = 'versioned';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'zero' }));
    await s3.send(
      new PutBucketVersioningCommand({
        Bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
    const one = await s3.send(
      new PutObjectCommand({ Bucket, Key: 'k', Body: 'one' }),
    );
    const marker = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(marker.DeleteMarker).toBe(true);
    await expect(
      s3.send(new GetObjectCommand({ Bucket, Key: 'k' })),
    ).rejects.toMatchObject({ name: 'NoSuchKey' });

    const all = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(all.Versions?.map(version => version.VersionId)).toEqual([
      one.VersionId,
      'null',
    ]);
    expect(all.DeleteMarkers).toEqual([
      expect.objectContaining({ Key: 'k', IsLatest: true }),
    ]);
    const first = await s3.send(
      new ListObjectVersionsCommand({ Bucket, MaxKeys: 2 }),
    );
    const rest = await s3.send(
      new ListObjectVersionsCommand({
        Bucket,
        KeyMarker: first.NextKeyMarker,
        VersionIdMarker: first.NextVersionIdMarker,
      }),
    );
    expect(rest.Versions?.map(version => version.VersionId)).toEqual(['null']);

    await s3.send(
      new DeleteObjectCommand({
        Bucket,
        Key: 'k',
        VersionId: marker.VersionId,
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }));
    expect(await got.Body!.transformToString()).toBe('one');
    const removed = await s3.send(
      new DeleteObjectsCommand({
        Bucket,
        Delete: {
          Objects: [
            { Key: 'k', VersionId: one.VersionId },
            { Key: 'k', VersionId: 'null' },
          ],
        },
      }),
    );
    expect(removed.Deleted).toHaveLength(2);
    expect(
      (await s3.send(new ListObjectVersionsCommand({ Bucket }))).Versions,
    ).toBeUndefined();
  });

  it('puts parts together, whichever way the client writes the quotes of an ETag', async () => {
    const target = { Bucket: 'data', Key: 'big' };
    const { UploadId } = await s3.send(
      new CreateMultipartUploadCommand(target),
    );
    const etags: string[] = [];
    for (const [index, Body] of [Buffer.alloc(5 * MIB, 'a'), 'bcd'].entries()) {
      const { ETag } = await s3.send(
        new UploadPartCommand({
          ...target,
          UploadId,
          PartNumber: index + 1,
          Body,
        }),
      );
      etags.push(ETag!);
    }
    const parts = await s3.send(new ListPartsCommand({ ...target, UploadId }));
    expect(parts.Parts?.map(part => part.Size)).toEqual([5 * MIB, 3]);
    // Go's encoder, in rclone and others, writes `&#34;`; a hexadecimal reference and a name mean the same.
    const [one, two] = etags.map(etag => etag.replaceAll('"', ''));
    const done = await world().expectSuccess({
      method: 'POST',
      path: '/data/big',
      query: { uploadId: UploadId! },
      body: `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Part><ETag>&#34;${one}&#34;</ETag><PartNumber>1</PartNumber></Part><Part><ETag>&#x22;${two}&quot;</ETag><PartNumber>2</PartNumber></Part></CompleteMultipartUpload>`,
    });
    expect(done.body).toMatch(/<ETag>"[0-9a-f]{32}-2"<\/ETag>/);
    const range = `bytes=${5 * MIB - 2}-`;
    expect(await read('big', { Range: range })).toBe('aabcd');
    await expect(
      s3.send(new AbortMultipartUploadCommand({ ...target, UploadId })),
    ).rejects.toMatchObject({ name: 'NoSuchUpload' });
  });

  it('deletes and tags what is named with character references', async () => {
    const key = `it's "a" <b> & c\u00e9`;
    await s3.send(
      new PutObjectCommand({ Bucket: 'data', Key: key, Body: 'x' }),
    );
    const escaped = 'it&#39;s &#34;a&#34; &lt;b&gt; &#38; c&#233;';
    await world().expectSuccess({
      method: 'PUT',
      path: `/data/${encodeURIComponent(key).replace("'", '%27')}`,
      query: { tagging: '' },
      body: `<Tagging><TagSet><Tag><Key>team</Key><Value>R&#38;D</Value></Tag></TagSet></Tagging>`,
    });
    const { TagSet } = await s3.send(
      new GetObjectTaggingCommand({ Bucket: 'data', Key: key }),
    );
    expect(TagSet).toEqual([{ Key: 'team', Value: 'R&D' }]);
    await world().expectSuccess({
      method: 'POST',
      path: '/data',
      query: { delete: '' },
      body: `<Delete><Object><Key>${escaped}</Key></Object></Delete>`,
    });
    await expect(read(key)).rejects.toMatchObject({ name: 'NoSuchKey' });
  });

  it('sets, changes and clears a quota as mc does', async () => {
    const quota = async (body: object) => {
      await world().expectSuccess({
        method: 'PUT',
        path: '/minio/admin/v3/set-bucket-quota',
        query: { bucket: 'data' },
        body: JSON.stringify({ rate: 0, requests: 0, ...body }),
      });
      const { body: answer } = await world().expectSuccess({
        method: 'GET',
        path: '/minio/admin/v3/get-bucket-quota',
        query: { bucket: 'data' },
      });
      return JSON.parse(answer);
    };
    expect(
      await quota({ quota: 5000, size: 0, quotatype: 'hard' }),
    ).toMatchObject({ quota: 5000, size: 5000, quotatype: 'hard' });
    expect(
      await quota({ quota: 5000, size: 7000, quotatype: 'hard' }),
    ).toMatchObject({ quota: 7000 });
    expect(await quota({ quota: 0, size: 0 })).toMatchObject({
      quota: 0,
      quotatype: '',
    });
  });

  it('copies objects and keeps tags', async () => {
    await s3.send(
      new PutObjectCommand({
        Bucket: 'data',
        Key: 'tagged',
        Body: 'x',
        Tagging: 'team=checkout',
      }),
    );
    await s3.send(
      new CopyObjectCommand({
        Bucket: 'data',
        Key: 'copied',
        CopySource: 'data/tagged',
      }),
    );
    const tags = await s3.send(
      new GetObjectTaggingCommand({ Bucket: 'data', Key: 'copied' }),
    );
    expect(tags.TagSet).toEqual([{ Key: 'team', Value: 'checkout' }]);
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket: 'data',
        Key: 'copied',
        Tagging: { TagSet: [] },
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket: 'data', Key: 'tagged' }));
    expect(await read('copied')).toBe('x');
  });

  it('accepts presigned addresses', async () => {
    const put = await getSignedUrl(
      s3,
      new PutObjectCommand({ Bucket: 'data', Key: 'signed' }),
    );
    expect((await fetch(put, { method: 'PUT', body: 'signed' })).status).toBe(
      200,
    );
    const get = await getSignedUrl(
      s3,
      new GetObjectCommand({ Bucket: 'data', Key: 'signed' }),
    );
    expect(await (await fetch(get)).text()).toBe('signed');
    expect((await fetch(get, { method: 'PUT', body: 'x' })).status).toBe(403);
  });

  it('gives out sessions that can do what their policy says', async () => {
    const sts = new STSClient({
      endpoint: server.endpoint,
      region: 'us-east-1',
      credentials: ROOT,
    });
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn: 'arn:aws:iam::000000000000:role/any',
        RoleSessionName: 'any',
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [
            {
              Effect: 'Allow',
              Action: ['s3:GetObject'],
              Resource: ['arn:aws:s3:::data/signed'],
            },
          ],
        }),
      }),
    );
    sts.destroy();
    const session = s3Client(server.endpoint, {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken,
    });
    await session.send(
      new HeadObjectCommand({ Bucket: 'data', Key: 'signed' }),
    );
    await expect(
      session.send(
        new PutObjectCommand({ Bucket: 'data', Key: 'x', Body: 'x' }),
      ),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
    session.destroy();
  });

  it('refuses wrong credentials', async () => {
    const stranger = s3Client(server.endpoint, {
      ...ROOT,
      secretAccessKey: 'not-the-secret',
    });
    await expect(
      stranger.send(new ListBucketsCommand({})),
    ).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    stranger.destroy();
  });

  it('says why a large upload is beyond the quota instead of breaking it off', async () => {
    const Bucket = 'small';
    await s3.send(new CreateBucketCommand({ Bucket }));
    await server.scanNow();
    await world().admin('PUT', `quota/${Bucket}`, {}, { quota: MIB });
    await expect(
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key: 'large',
          Body: Buffer.alloc(8 * MIB),
        }),
      ),
    ).rejects.toMatchObject({
      name: 'InvalidRequest',
      message: `Bucket quota exceeded. Current usage: 0 bytes, limit: ${MIB} bytes`,
    });
  });

  it('resets connections while down and refuses writes while read-only', async () => {
    server.faults.set({ mode: 'down' });
    await expect(fetch(`${server.endpoint}/health`)).rejects.toThrow();
    server.faults.set({ readOnly: true });
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'data', Key: 'no', Body: 'no' })),
    ).rejects.toMatchObject({ name: 'SlowDown' });
    server.faults.set(undefined);
    expect((await fetch(`${server.endpoint}/health`)).status).toBe(200);
  });

  it('finds everything again after a restart', async () => {
    await s3.send(
      new PutObjectCommand({ Bucket: 'data', Key: 'lasting', Body: 'here' }),
    );
    await server.stop();
    server = await start();
    s3.destroy();
    s3 = s3Client(server.endpoint);
    expect(await read('lasting')).toBe('here');
  });
});
