import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { startRustfsServer } from '../startRustfsServer';
import type { RustfsServer } from '../types';

const KEYS = [
  'a',
  'a-',
  'a/',
  'a/b',
  'a/b/c',
  'a/bb',
  'ab',
  'b/1',
  'b/2',
  'ü/x',
  'z/y',
];
const STORED = [...KEYS].sort((x, y) =>
  Buffer.compare(Buffer.from(x), Buffer.from(y)),
);

/** What a listing has to give, in one page. */
function expectedListing(prefix: string, delimiter: string): string[] {
  const entries = STORED.filter(key => key.startsWith(prefix)).map(key => {
    const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    return at < 0 ? key : key.slice(0, at + 1);
  });
  return [...new Set(entries)];
}

describe('listing objects', () => {
  let dataDir: string;
  let server: RustfsServer;
  let s3: S3Client;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-listing-'));
    server = await startRustfsServer({
      dataDir,
      rootAccessKey: 'root-key',
      rootSecretKey: 'root-secret',
    });
    s3 = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'root-key', secretAccessKey: 'root-secret' },
    });
    await s3.send(new CreateBucketCommand({ Bucket: 'bucket' }));
    for (const Key of KEYS) {
      await s3.send(new PutObjectCommand({ Bucket: 'bucket', Key, Body: 'x' }));
    }
  });

  afterAll(async () => {
    s3.destroy();
    await server.stop();
    await rm(dataDir, { recursive: true });
  });

  it('gives every key and prefix once and in order, whatever the size of a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', 'a', 'a/', 'a/b', 'b/', 'nothing'),
        fc.constantFrom('', '/'),
        fc.integer({ min: 1, max: 5 }),
        async (Prefix, Delimiter, MaxKeys) => {
          const seen: string[] = [];
          let ContinuationToken: string | undefined;
          do {
            const page = await s3.send(
              new ListObjectsV2Command({
                Bucket: 'bucket',
                Prefix,
                Delimiter: Delimiter || undefined,
                MaxKeys,
                ContinuationToken,
              }),
            );
            const names = [
              ...(page.Contents ?? []).map(object => object.Key ?? ''),
              ...(page.CommonPrefixes ?? []).map(entry => entry.Prefix ?? ''),
            ];
            expect(names.length).toBeLessThanOrEqual(MaxKeys);
            seen.push(
              ...names.sort((x, y) =>
                Buffer.compare(Buffer.from(x), Buffer.from(y)),
              ),
            );
            ContinuationToken = page.NextContinuationToken;
          } while (ContinuationToken);
          expect(seen).toEqual(expectedListing(Prefix, Delimiter));
        },
      ),
      { numRuns: 40 },
    );
  });
});
