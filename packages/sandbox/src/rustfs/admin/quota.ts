import { z } from 'zod';
import {
  ApiError,
  apiError,
  internalError,
  invalidArgument,
  serviceUnavailable,
} from '../http/ApiError';
import { send, sendJson } from '../http/answers';
import type { Bucket } from '../storage/BucketStore';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

const bytes = z.number().int().nonnegative().nullish();

const quotaSchema = z.object({
  quota: bytes,
  size: bytes,
  quota_type: z.string().nullish(),
  quotatype: z.string().nullish(),
});

function noSuchBucket(name: string): ApiError {
  return apiError('NoSuchBucket', `bucket not found: ${name}`);
}

/** Reading a quota is an S3 right on the bucket. */
function requireReading(call: AdminCall, bucket: string): void {
  const allowed = call.context.authorizer.allowsS3(call.identity, {
    action: 's3:GetBucketQuota',
    bucket,
  });
  if (!allowed) {
    throw apiError('AccessDenied');
  }
}

function bucketForReading(call: AdminCall, name: string): Bucket {
  requireReading(call, name);
  const bucket = call.context.buckets.get(name);
  if (!bucket) {
    throw noSuchBucket(name);
  }
  return bucket;
}

function bucketForWriting(call: AdminCall, name: string): Bucket {
  call.require('admin:SetBucketQuota');
  const bucket = call.context.buckets.get(name);
  if (!bucket) {
    throw internalError(
      `failed to capture bucket incarnation: Bucket not found: ${name}`,
    );
  }
  return bucket;
}

function measuredUsage(call: AdminCall, bucket: Bucket): number {
  const usage = call.context.usage.quotaUsageOf(bucket.name);
  if (usage === undefined) {
    throw serviceUnavailable('authoritative bucket usage is not available yet');
  }
  return usage;
}

async function readQuota(call: AdminCall): Promise<number | undefined> {
  const body = await call.readJson(quotaSchema);
  const type = body.quota_type ?? body.quotatype ?? 'HARD';
  if (type.toUpperCase() !== 'HARD') {
    throw invalidArgument(`unsupported quota type: ${type}`);
  }
  // `mc quota set` fills in `quota` and sends a `size` of 0, which then counts as not given.
  return body.size || body.quota || undefined;
}

// Quota answers are JSON without saying so: the server sends no content type with them.
function answer(call: AdminCall, document: object): void {
  sendJson(call.exchange, document, { contentType: false });
}

async function putQuota(call: AdminCall): Promise<void> {
  const bucket = bucketForWriting(call, call.parameters.bucket);
  const quota = await readQuota(call);
  call.context.buckets.save({ ...bucket, quota });
  answer(call, {
    bucket: bucket.name,
    quota: quota ?? null,
    size: 0,
    quota_type: 'HARD',
  });
}

async function putCompatQuota(call: AdminCall): Promise<void> {
  const bucket = bucketForWriting(call, call.requiredQuery('bucket'));
  const empty = call.exchange.header('content-length') === '0';
  const quota = empty ? undefined : await readQuota(call);
  call.context.buckets.save({ ...bucket, quota });
  send(call.exchange, { status: 200 });
}

function deleteQuota(call: AdminCall): void {
  const bucket = bucketForWriting(call, call.parameters.bucket);
  call.context.buckets.save({ ...bucket, quota: undefined });
  answer(call, {
    bucket: bucket.name,
    quota: null,
    size: 0,
    quota_type: 'HARD',
  });
}

/** Repeats the limit as `size` and does not wait for a measurement. */
function getCompatQuota(call: AdminCall): void {
  const { quota } = bucketForReading(call, call.requiredQuery('bucket'));
  answer(call, {
    quota: quota ?? 0,
    size: quota ?? 0,
    rate: 0,
    requests: 0,
    quotatype: quota === undefined ? '' : 'hard',
  });
}

function getQuotaStats(call: AdminCall): void {
  const bucket = bucketForReading(call, call.parameters.bucket);
  const usage = measuredUsage(call, bucket);
  const { quota } = bucket;
  answer(call, {
    bucket: bucket.name,
    quota_limit: quota ?? null,
    current_usage: usage,
    remaining_quota: quota === undefined ? null : Math.max(quota - usage, 0),
    usage_percentage: quota === undefined ? null : (usage / quota) * 100,
  });
}

export const quotaRoutes = [
  route('PUT', 'v3/quota/{bucket}', putQuota),
  route('DELETE', 'v3/quota/{bucket}', deleteQuota),
  route('PUT', 'v3/set-bucket-quota', putCompatQuota),
  route('GET', 'v3/get-bucket-quota', getCompatQuota),
  route('GET', 'v3/quota-stats/{bucket}', getQuotaStats),
];
