import { randomUUID } from 'node:crypto';
import { invalidArgument } from '../http/ApiError';
import { sendXml } from '../http/answers';
import { withMilliseconds } from '../http/timestamps';
import { renderXml, S3_NAMESPACE, type XmlElement } from '../http/xml';
import { AFTER_ALL, type ObjectVersion } from '../storage/ObjectStore';
import { OWNER } from './documents';
import type { S3Call } from './S3Call';

const MAX_KEYS = 1000;
const BATCH = 500;

interface Page {
  entries: ObjectVersion[];
  prefixes: string[];
  /** Last key or common prefix of the page when there is more behind it. */
  next?: { key: string; versionId?: string };
}

interface PageRequest {
  bucket: string;
  prefix: string;
  delimiter: string;
  after: string;
  limit: number;
}

function pageRequest(call: S3Call, after: string): PageRequest {
  const { query } = call.exchange;
  return {
    bucket: call.bucketName,
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    after,
    limit: maxKeys(call),
  };
}

function maxKeys(call: S3Call): number {
  const text = call.exchange.query.get('max-keys');
  if (text === undefined) {
    return MAX_KEYS;
  }
  if (!/^\d+$/.test(text)) {
    throw invalidArgument('max-keys must be a number that is not negative');
  }
  return Math.min(Number(text), MAX_KEYS);
}

function commonPrefixOf(
  key: string,
  { prefix, delimiter }: PageRequest,
): string | undefined {
  if (delimiter === '') {
    return undefined;
  }
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** A marker that is a common prefix stands for everything below it. */
function startBehind(marker: string, request: PageRequest): string {
  const isPrefix = marker !== '' && commonPrefixOf(marker, request) === marker;
  return isPrefix ? marker + AFTER_ALL : marker;
}

/**
 * Fills a page from an ordered source, jumping over everything below a common prefix instead of reading it.
 */
function fillPage(
  request: PageRequest,
  read: (after: string, versionId: string | undefined) => ObjectVersion[],
  versionId?: string,
): Page {
  const page: Page = { entries: [], prefixes: [] };
  if (request.limit === 0) {
    return page;
  }
  let after = startBehind(request.after, request);
  let afterVersion = versionId;
  let last: Page['next'];
  for (;;) {
    const batch = read(after, afterVersion);
    let jumped = false;
    for (const entry of batch) {
      if (page.entries.length + page.prefixes.length >= request.limit) {
        return { ...page, next: last };
      }
      const common = commonPrefixOf(entry.key, request);
      if (common !== undefined) {
        page.prefixes.push(common);
        last = { key: common };
        after = common + AFTER_ALL;
        afterVersion = undefined;
        jumped = true;
        break;
      }
      page.entries.push(entry);
      last = { key: entry.key, versionId: entry.versionId };
      after = entry.key;
      afterVersion = versionId === undefined ? undefined : entry.versionId;
    }
    if (!jumped && batch.length < BATCH) {
      return page;
    }
  }
}

function encodeKey(call: S3Call, key: string): string {
  return call.exchange.query.get('encoding-type') === 'url'
    ? encodeURIComponent(key).replace(/%2F/g, '/')
    : key;
}

function describe(
  call: S3Call,
  version: ObjectVersion,
  withOwner: boolean,
): XmlElement {
  return {
    ETag: `"${version.etag}"`,
    Key: encodeKey(call, version.key),
    LastModified: withMilliseconds(version.modifiedAt),
    Owner: withOwner ? OWNER : undefined,
    Size: String(version.size),
    StorageClass: 'STANDARD',
  };
}

function commonPrefixes(call: S3Call, page: Page): XmlElement[] {
  return page.prefixes.map(prefix => ({ Prefix: encodeKey(call, prefix) }));
}

/** What both lists of objects hold. */
function content(
  call: S3Call,
  list: { request: PageRequest; page: Page; withOwner: boolean },
): XmlElement {
  const { request, page, withOwner } = list;
  return {
    Contents: page.entries.map(entry => describe(call, entry, withOwner)),
    CommonPrefixes: commonPrefixes(call, page),
    Delimiter: request.delimiter || undefined,
    EncodingType: call.exchange.query.get('encoding-type'),
  };
}

/** The real server marks its tokens with the cache they belong to; clients have to echo them untouched. */
const TOKEN_SUFFIX = /\[rustfs_cache:[^\]]*\]$/;

function withCacheSuffix(key: string): string {
  return `${key}[rustfs_cache:v2,id:${randomUUID()},src:walker,gen:live]`;
}

function encodeToken(key: string): string {
  return Buffer.from(withCacheSuffix(key)).toString('base64');
}

function decodeToken(token: string): string {
  const text = Buffer.from(token, 'base64').toString('utf8');
  if (Buffer.from(text).toString('base64') !== token) {
    throw invalidArgument('Invalid continuation token');
  }
  return text.replace(TOKEN_SUFFIX, '');
}

function listLatest(call: S3Call, request: PageRequest): Page {
  return fillPage(request, after =>
    call.context.objects.listLatest({
      bucket: request.bucket,
      prefix: request.prefix,
      after,
      limit: BATCH,
    }),
  );
}

export async function listObjectsV2(call: S3Call): Promise<void> {
  call.require('s3:ListBucket', { bucket: call.bucketName });
  call.bucket();
  const { query } = call.exchange;
  const token = query.get('continuation-token');
  const startAfter = query.get('start-after');
  const request = pageRequest(
    call,
    token === undefined ? startAfter ?? '' : decodeToken(token),
  );
  const page = listLatest(call, request);
  sendXml(
    call.exchange,
    renderXml(
      'ListBucketResult',
      {
        Name: call.bucketName,
        Prefix: encodeKey(call, request.prefix),
        MaxKeys: String(request.limit),
        KeyCount: String(page.entries.length + page.prefixes.length),
        ContinuationToken: token,
        IsTruncated: String(page.next !== undefined),
        NextContinuationToken: page.next && encodeToken(page.next.key),
        ...content(call, {
          request,
          page,
          withOwner: query.get('fetch-owner') === 'true',
        }),
        StartAfter: startAfter,
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function listObjectsV1(call: S3Call): Promise<void> {
  call.require('s3:ListBucket', { bucket: call.bucketName });
  call.bucket();
  const request = pageRequest(call, call.exchange.query.get('marker') ?? '');
  const page = listLatest(call, request);
  sendXml(
    call.exchange,
    renderXml(
      'ListBucketResult',
      {
        Name: call.bucketName,
        Prefix: encodeKey(call, request.prefix),
        Marker: encodeKey(call, request.after),
        MaxKeys: String(request.limit),
        IsTruncated: String(page.next !== undefined),
        NextMarker: page.next && encodeKey(call, page.next.key),
        ...content(call, { request, page, withOwner: false }),
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function listVersions(call: S3Call): Promise<void> {
  // Anonymous access through a bucket policy is still covered by the right to list objects.
  const action = call.identity ? 's3:ListBucketVersions' : 's3:ListBucket';
  call.require(action, { bucket: call.bucketName });
  call.bucket();
  const { query } = call.exchange;
  const keyMarker = query.get('key-marker') ?? '';
  const versionMarker = query.get('version-id-marker') ?? '';
  const request = pageRequest(call, keyMarker.replace(TOKEN_SUFFIX, ''));
  const page = fillPage(
    request,
    (after, versionId) =>
      call.context.objects.listVersions({
        bucket: request.bucket,
        prefix: request.prefix,
        after,
        versionId,
        limit: BATCH,
      }),
    versionMarker,
  );
  sendXml(
    call.exchange,
    renderXml(
      'ListVersionsResult',
      {
        CommonPrefixes: commonPrefixes(call, page),
        DeleteMarker: page.entries
          .filter(entry => entry.isDeleteMarker)
          .map(entry => ({
            IsLatest: String(entry.isLatest),
            Key: encodeKey(call, entry.key),
            LastModified: withMilliseconds(entry.modifiedAt),
            VersionId: entry.versionId,
          })),
        Delimiter: request.delimiter || undefined,
        EncodingType: query.get('encoding-type'),
        IsTruncated: String(page.next !== undefined),
        KeyMarker: keyMarker,
        MaxKeys: String(request.limit),
        Name: call.bucketName,
        NextKeyMarker: page.next && withCacheSuffix(page.next.key),
        NextVersionIdMarker: page.next?.versionId,
        Prefix: encodeKey(call, request.prefix),
        VersionIdMarker: versionMarker,
        Version: page.entries
          .filter(entry => !entry.isDeleteMarker)
          .map(entry => ({
            ETag: `"${entry.etag}"`,
            IsLatest: String(entry.isLatest),
            Key: encodeKey(call, entry.key),
            LastModified: withMilliseconds(entry.modifiedAt),
            Size: String(entry.size),
            StorageClass: 'STANDARD',
            VersionId: entry.versionId,
          })),
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}
