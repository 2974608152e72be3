import { apiError, invalidRequest } from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { withMilliseconds } from '../http/timestamps';
import { renderXml, S3_NAMESPACE } from '../http/xml';
import { OWNER, REGION } from './documents';
import type { S3Call } from './S3Call';

function isValidBucketName(name: string): boolean {
  return (
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !/\.\.|\.-|-\./.test(name) &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name) &&
    !name.startsWith('xn--') &&
    name !== 'rustfs'
  );
}

/** Buckets a caller sees: all of them, or those it may list or locate. */
export async function listBuckets(call: S3Call): Promise<void> {
  const seesAll = call.allows('s3:ListAllMyBuckets', {});
  const buckets = call.context.buckets
    .all()
    .filter(
      ({ name }) =>
        seesAll ||
        call.allows('s3:ListBucket', { bucket: name }) ||
        call.allows('s3:GetBucketLocation', { bucket: name }),
    );
  if (!seesAll && buckets.length === 0) {
    throw apiError('AccessDenied');
  }
  sendXml(
    call.exchange,
    renderXml(
      'ListAllMyBucketsResult',
      {
        Buckets: {
          Bucket: buckets.map(bucket => ({
            CreationDate: withMilliseconds(bucket.createdAt),
            Name: bucket.name,
          })),
        },
        Owner: OWNER,
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function createBucket(call: S3Call): Promise<void> {
  const { bucketName, context, exchange } = call;
  const lockHeader = exchange.header('x-amz-bucket-object-lock-enabled');
  const objectLock = lockHeader?.toLowerCase() === 'true';
  call.require('s3:CreateBucket');
  if (objectLock) {
    call.require('s3:PutBucketObjectLockConfiguration');
    call.require('s3:PutBucketVersioning');
  }
  // The location constraint is ignored; reading it keeps the connection usable.
  await call.readDocument();
  if (!isValidBucketName(bucketName)) {
    throw apiError('InvalidBucketName');
  }
  if (context.buckets.get(bucketName)) {
    if (call.isOwner) {
      send(exchange, { status: 200 });
      return;
    }
    throw apiError('BucketAlreadyExists');
  }
  context.buckets.create(bucketName, { objectLock });
  context.usage.noteCreated(bucketName);
  send(exchange, { status: 200 });
}

export async function headBucket(call: S3Call): Promise<void> {
  if (!call.allows('s3:ListBucket') && !call.allows('s3:HeadBucket')) {
    throw apiError('AccessDenied');
  }
  call.bucket();
  send(call.exchange, { status: 200 });
}

function isForced(call: S3Call): boolean {
  const value =
    call.exchange.header('x-rustfs-force-delete') ??
    call.exchange.header('x-minio-force-delete');
  if (value === undefined) {
    return false;
  }
  if (value !== 'true' && value !== 'false') {
    throw invalidRequest('the force-delete header is neither true nor false');
  }
  return value === 'true';
}

export async function deleteBucket(call: S3Call): Promise<void> {
  const { context, bucketName } = call;
  const forced = isForced(call);
  call.require(forced ? 's3:ForceDeleteBucket' : 's3:DeleteBucket');
  call.bucket();
  if (forced) {
    await context.blobs.remove(context.objects.removeAll(bucketName));
  } else if (!context.objects.isEmpty(bucketName)) {
    throw apiError('BucketNotEmpty');
  }
  for (const upload of context.uploads.list(bucketName)) {
    await context.blobs.remove(context.uploads.parts(upload.id));
    context.uploads.remove(upload.id);
  }
  context.buckets.remove(bucketName);
  context.usage.noteBucketRemoved(bucketName);
  send(call.exchange, { status: 204 });
}

export async function getLocation(call: S3Call): Promise<void> {
  call.require('s3:GetBucketLocation');
  call.bucket();
  sendXml(
    call.exchange,
    `<?xml version="1.0" encoding="UTF-8"?><LocationConstraint xmlns="${S3_NAMESPACE}">${REGION}</LocationConstraint>`,
  );
}
