import { pipeline } from 'node:stream/promises';
import {
  ApiError,
  apiError,
  invalidArgument,
  invalidRequest,
} from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { withMilliseconds } from '../http/timestamps';
import { renderXml, S3_NAMESPACE } from '../http/xml';
import type { Segment } from '../storage/BlobStore';
import type { ObjectAttributes, ObjectVersion } from '../storage/ObjectStore';
import {
  describeObject,
  checksumElements,
  newVersionHeader,
  readAttributes,
} from './objectAttributes';
import { declaredLength, receiveBody } from './receiveBody';
import type { S3Call } from './S3Call';
import {
  requireLockable,
  requireNoEncryption,
  requireNotLocked,
  requireQuota,
} from './writeGuards';

/** Reads and writes say it in slightly different words. */
const READ_PRECONDITION =
  'At least one of the preconditions you specified did not hold.';

function unquote(etag: string): string {
  return etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '');
}

function listsEtag(header: string, etag: string): boolean {
  return header
    .split(',')
    .map(unquote)
    .some(candidate => candidate === '*' || candidate === etag);
}

/** Answers a conditional read: refuses, or says that the caller has it already. */
function isNotModified(call: S3Call, version: ObjectVersion): boolean {
  const { exchange } = call;
  const modified = Math.floor(Date.parse(version.modifiedAt) / 1000) * 1000;
  const ifMatch = exchange.header('if-match');
  const ifUnmodified = exchange.header('if-unmodified-since');
  if (ifMatch !== undefined) {
    if (!listsEtag(ifMatch, version.etag)) {
      throw apiError('PreconditionFailed', READ_PRECONDITION);
    }
  } else if (ifUnmodified && modified > Date.parse(ifUnmodified)) {
    throw apiError('PreconditionFailed', READ_PRECONDITION);
  }
  const ifNoneMatch = exchange.header('if-none-match');
  if (ifNoneMatch !== undefined) {
    return listsEtag(ifNoneMatch, version.etag);
  }
  const ifModified = exchange.header('if-modified-since');
  return ifModified !== undefined && modified <= Date.parse(ifModified);
}

/** Refuses a conditional write whose condition does not hold. */
export function requireWriteCondition(call: S3Call): void {
  const { exchange, context, bucketName, key } = call;
  const ifMatch = exchange.header('if-match');
  const ifNoneMatch = exchange.header('if-none-match');
  if (ifMatch === undefined && ifNoneMatch === undefined) {
    return;
  }
  const found = context.objects.find(bucketName, key);
  const existing = found?.isDeleteMarker ? undefined : found;
  if (ifMatch !== undefined) {
    if (!existing) {
      throw apiError('NoSuchKey');
    }
    if (!listsEtag(ifMatch, existing.etag)) {
      throw apiError('PreconditionFailed');
    }
  }
  if (
    ifNoneMatch !== undefined &&
    existing &&
    listsEtag(ifNoneMatch, existing.etag)
  ) {
    throw apiError('PreconditionFailed');
  }
}

interface ByteRange {
  start: number;
  end: number;
}

/** A single byte range; anything else is answered with the whole object, as the standard allows. */
function parseRange(
  header: string | undefined,
  size: number,
): ByteRange | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) {
    return undefined;
  }
  const start =
    match[1] === '' ? Math.max(size - Number(match[2]), 0) : Number(match[1]);
  const end =
    match[1] === '' || match[2] === ''
      ? size - 1
      : Math.min(Number(match[2]), size - 1);
  if (start >= size || start > end) {
    throw apiError('InvalidRange');
  }
  return { start, end };
}

function requestedVersion(call: S3Call): string | undefined {
  const versionId = call.exchange.query.get('versionId') || undefined;
  if (versionId !== undefined && !/^(null|[0-9a-f-]{36})$/.test(versionId)) {
    throw invalidArgument('Invalid argument');
  }
  return versionId;
}

/** The version a read is about, after the right to read it. */
export function findForReading(
  call: S3Call,
  action: string,
  versionAction: string,
): ObjectVersion {
  const { context, bucketName, key } = call;
  const versionId = requestedVersion(call);
  call.require(versionId === undefined ? action : versionAction);
  call.bucket();
  const version = context.objects.find(bucketName, key, versionId);
  if (!version) {
    throw apiError(versionId === undefined ? 'NoSuchKey' : 'NoSuchVersion');
  }
  if (version.isDeleteMarker) {
    const error =
      versionId === undefined
        ? apiError('NoSuchKey')
        : apiError('MethodNotAllowed');
    throw new ApiError(error.code, error.status, error.message, {
      'x-amz-delete-marker': 'true',
      'x-amz-version-id': version.versionId,
    });
  }
  return version;
}

export async function getObject(call: S3Call): Promise<void> {
  const { exchange, context } = call;
  const { response } = exchange;
  const version = findForReading(call, 's3:GetObject', 's3:GetObjectVersion');
  const headers = describeObject(exchange, call.bucket(), version);
  if (isNotModified(call, version)) {
    send(exchange, { status: 304, headers: { etag: headers.etag } });
    return;
  }
  const range = parseRange(exchange.header('range'), version.size);
  const { start, end } = range ?? { start: 0, end: version.size - 1 };
  for (const [name, value] of Object.entries(headers)) {
    // A checksum is that of the whole object and would be wrong for a part of it.
    if (!range || !name.startsWith('x-amz-checksum-')) {
      response.setHeader(name, value);
    }
  }
  response.setHeader('content-length', end - start + 1);
  if (range) {
    response.statusCode = 206;
    response.setHeader(
      'content-range',
      `bytes ${start}-${end}/${version.size}`,
    );
  }
  if (exchange.method === 'HEAD' || version.size === 0) {
    response.end();
    return;
  }
  await pipeline(context.blobs.read(version.segments, start, end), response);
}

/** Stores data that is on disk as the new current version. */
export async function commitObject(
  call: S3Call,
  object: {
    segments: Segment[];
    size: number;
    etag: string;
    attributes: ObjectAttributes;
  },
): Promise<ObjectVersion> {
  const { context, bucketName, key } = call;
  const bucket = call.bucket();
  const existing = context.objects.find(bucketName, key, 'null');
  if (existing && bucket.versioning !== 'Enabled') {
    requireNotLocked(call, existing);
  }
  const { version, replaced } = context.objects.put({
    bucket: bucketName,
    key,
    versioning: bucket.versioning,
    ...object,
  });
  context.usage.noteWrite(bucketName, object.size);
  await context.blobs.remove(replaced);
  return version;
}

export async function putObject(call: S3Call): Promise<void> {
  const { exchange, context } = call;
  call.require('s3:PutObject');
  if (exchange.header('x-amz-tagging') !== undefined) {
    call.require('s3:PutObjectTagging');
  }
  const bucket = call.bucket();
  requireNoEncryption(call, bucket);
  requireWriteCondition(call);
  requireQuota(call, bucket, declaredLength(call));
  const attributes = readAttributes(exchange, bucket);
  requireLockable(attributes, bucket);
  const body = await receiveBody(call);
  try {
    // Somebody else may have made the object while its body came in.
    requireWriteCondition(call);
    const stored = await commitObject(call, {
      segments: [body.segment],
      size: body.segment.size,
      etag: body.md5,
      attributes: { ...attributes, checksums: body.checksums },
    });
    send(exchange, {
      status: 200,
      headers: {
        etag: `"${body.md5}"`,
        ...body.checksums,
        ...newVersionHeader(stored),
      },
    });
  } catch (error) {
    await context.blobs.remove([body.segment]);
    throw error;
  }
}

/** The object named by `x-amz-copy-source`, after the right to read it. */
export function findCopySource(call: S3Call): ObjectVersion {
  const source = call.exchange.header('x-amz-copy-source') ?? '';
  const [path, query = ''] = source.split('?');
  const [, bucket, key] =
    /^\/?([^/]+)\/(.+)$/s.exec(decodeURIComponent(path)) ?? [];
  if (!bucket || !key) {
    throw invalidRequest('x-amz-copy-source names no object');
  }
  const versionId = new URLSearchParams(query).get('versionId') ?? undefined;
  call.require(versionId ? 's3:GetObjectVersion' : 's3:GetObject', {
    bucket,
    key,
  });
  call.bucket(bucket);
  const version = call.context.objects.find(bucket, key, versionId);
  if (!version || version.isDeleteMarker) {
    throw apiError(versionId ? 'NoSuchVersion' : 'NoSuchKey');
  }
  const ifMatch = call.exchange.header('x-amz-copy-source-if-match');
  const ifNoneMatch = call.exchange.header('x-amz-copy-source-if-none-match');
  if (
    (ifMatch !== undefined && !listsEtag(ifMatch, version.etag)) ||
    (ifNoneMatch !== undefined && listsEtag(ifNoneMatch, version.etag))
  ) {
    throw apiError('PreconditionFailed');
  }
  const isSelf = bucket === call.bucketName && key === call.key;
  const replaces =
    call.exchange.header('x-amz-metadata-directive') === 'REPLACE';
  if (
    isSelf &&
    !replaces &&
    !versionId &&
    call.exchange.query.names.length < 2
  ) {
    throw invalidRequest(
      'Cannot copy an object to itself. Source and destination must be different.',
    );
  }
  return version;
}

export async function copyObject(call: S3Call): Promise<void> {
  const { exchange, context } = call;
  call.require('s3:PutObject');
  const source = findCopySource(call);
  const bucket = call.bucket();
  requireNoEncryption(call, bucket);
  requireWriteCondition(call);
  requireQuota(call, bucket, source.size);
  const given = readAttributes(exchange, bucket);
  const replacesMetadata =
    exchange.header('x-amz-metadata-directive') === 'REPLACE';
  const replacesTags = exchange.header('x-amz-tagging-directive') === 'REPLACE';
  const segments = await Promise.all(
    source.segments.map(segment => context.blobs.duplicate(segment)),
  );
  const stored = await commitObject(call, {
    segments,
    size: source.size,
    etag: source.etag,
    attributes: {
      ...given,
      headers: replacesMetadata ? given.headers : source.attributes.headers,
      metadata: replacesMetadata ? given.metadata : source.attributes.metadata,
      tags: replacesTags ? given.tags : source.attributes.tags,
      checksums: source.attributes.checksums,
    },
  });
  sendXml(
    exchange,
    renderXml(
      'CopyObjectResult',
      {
        ETag: `"${stored.etag}"`,
        LastModified: withMilliseconds(stored.modifiedAt),
        ...checksumElements(stored.attributes),
      },
      { namespace: S3_NAMESPACE },
    ),
    newVersionHeader(stored),
  );
}

/** Outcome of removing one object, for DELETE and for the delete of many. */
export interface Deletion {
  /** False when there was nothing to delete, which is no error. */
  found: boolean;
  versionId?: string;
  /** Version of the marker that was put, or that the removed version was a marker. */
  deleteMarker?: { versionId?: string };
}

export async function removeObject(
  call: S3Call,
  key: string,
  versionId: string | undefined,
): Promise<Deletion> {
  const { context, bucketName } = call;
  const bucket = call.bucket();
  call.require(
    versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
    { bucket: bucketName, key },
  );
  if (versionId === undefined && bucket.versioning !== undefined) {
    const { version, replaced } = context.objects.putDeleteMarker(
      bucketName,
      key,
      bucket.versioning,
    );
    context.usage.noteDelete(bucketName);
    await context.blobs.remove(replaced);
    return { found: true, deleteMarker: { versionId: version.versionId } };
  }
  const version = context.objects.find(bucketName, key, versionId ?? 'null');
  if (!version) {
    return { found: false };
  }
  requireNotLocked(call, version);
  context.objects.remove(bucketName, key, version.versionId);
  context.usage.noteDelete(bucketName);
  await context.blobs.remove(version.segments);
  return {
    found: true,
    versionId,
    ...(version.isDeleteMarker ? { deleteMarker: {} } : {}),
  };
}

export async function deleteObject(call: S3Call): Promise<void> {
  const versionId = requestedVersion(call);
  call.require(
    versionId === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
  );
  const deletion = await removeObject(call, call.key, versionId);
  send(call.exchange, {
    status: 204,
    headers: {
      'x-amz-delete-marker': deletion.found
        ? String(deletion.deleteMarker !== undefined)
        : undefined,
      'x-amz-version-id':
        deletion.deleteMarker?.versionId ?? deletion.versionId,
    },
  });
}
