import { createHash } from 'node:crypto';
import pLimit from 'p-limit';
import { RustfsAdmin } from '../reconciler/operator';
import { BucketDefinition } from './definition';
import { publicReadPolicy } from './policies';

/** Requests in flight at once; more does not make one process on loopback faster. */
const CONCURRENCY = 12;

const UNITS: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40 };

/** Bytes of a quantity in binary units. */
function bytesOf(quantity: string): number {
  const [, amount, unit] = /^(\d+)(Ki|Mi|Gi|Ti)$/.exec(quantity) ?? [];
  return Number(amount) * 2 ** UNITS[unit];
}

/**
 * Puts into buckets the objects that the world says; makes those that nobody declares.
 *
 * @param options.measure - makes the server measure usage, which a quota needs before it lets anything in
 * @param options.settings - whether versioning and quota are set, too, as nobody else has
 */
export async function fillBuckets(
  admin: RustfsAdmin,
  buckets: BucketDefinition[],
  { measure, settings }: { measure: () => Promise<void>; settings: boolean },
): Promise<void> {
  const limit = pLimit(CONCURRENCY);
  if (settings) {
    await Promise.all(
      buckets.map(bucket => limit(() => prepareBucket(admin, bucket))),
    );
  }
  await Promise.all(
    buckets.flatMap(bucket =>
      objectsOf(bucket).map(({ key, body }) =>
        limit(() => putObject(admin, bucket.name, key, body)),
      ),
    ),
  );
  await measure();
  if (!settings) {
    return;
  }
  await Promise.all(
    buckets.map(({ name, quota }) =>
      limit(async () => {
        if (quota) {
          await admin.request('PUT', `/rustfs/admin/v3/quota/${name}`, {
            body: JSON.stringify({
              quota: bytesOf(quota),
              quota_type: 'HARD',
            }),
          });
        }
      }),
    ),
  );
}

/** Disables the users of accesses that the world says somebody has disabled. */
export async function disableUsers(
  admin: RustfsAdmin,
  accessKeys: string[],
): Promise<void> {
  for (const accessKey of accessKeys) {
    await admin.request('PUT', '/rustfs/admin/v3/set-user-status', {
      query: { accessKey, status: 'disabled' },
    });
  }
}

/** Writes one object. */
export async function putObject(
  admin: RustfsAdmin,
  bucket: string,
  key: string,
  body: Buffer,
): Promise<void> {
  await admin.request('PUT', `/${bucket}/${key}`, {
    headers: {
      'content-type': contentTypeOf(key),
      // Nothing is between client and server that could change the content: no need to hash it on both sides.
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
    },
    body,
  });
}

async function prepareBucket(
  admin: RustfsAdmin,
  bucket: BucketDefinition,
): Promise<void> {
  if (bucket.declared === false) {
    await admin.createBucket(bucket.name, { objectLock: bucket.objectLock });
  }
  // Object lock has turned versioning on already.
  if (bucket.versioning && !bucket.objectLock) {
    await admin.request('PUT', `/${bucket.name}`, {
      query: { versioning: '' },
      body: '<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Status>Enabled</Status></VersioningConfiguration>',
    });
  }
  if (bucket.public) {
    await admin.request('PUT', `/${bucket.name}`, {
      query: { policy: '' },
      body: JSON.stringify(publicReadPolicy(bucket.name)),
    });
  }
}

function objectsOf({ name, objects }: BucketDefinition) {
  return Array.from({ length: objects?.count ?? 0 }, (_, index) => {
    const number = String(index + 1).padStart(4, '0');
    const key = objects?.key.replace('%', number) ?? number;
    return {
      key,
      body: contentOf(
        `${name}/${key}`,
        // Sizes around the mean, the same at every start.
        Math.round(
          (objects?.bytes ?? 0) * (0.7 + 0.6 * share(`${name}${key}`)),
        ),
      ),
    };
  });
}

/** A number from 0 to 1 that depends on the text only. */
function share(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

/** Bytes that say what they are and fill the size. */
export function contentOf(title: string, size: number): Buffer {
  const line = `${title}: content made up by the sandbox\n`;
  return Buffer.alloc(Math.max(size, line.length), line);
}

const CONTENT_TYPES: Record<string, string> = {
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  vtt: 'text/vtt',
  webp: 'image/webp',
  yaml: 'application/yaml',
};

function contentTypeOf(key: string): string {
  return (
    CONTENT_TYPES[key.split('.').pop() ?? ''] ?? 'application/octet-stream'
  );
}
