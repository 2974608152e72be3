import {
  ApiError,
  apiError,
  invalidRequest,
  serviceUnavailable,
} from '../http/ApiError';
import { elementsOf, textOf } from '../http/xml';
import type { Bucket } from '../storage/BucketStore';
import type { ObjectAttributes, ObjectVersion } from '../storage/ObjectStore';
import type { S3Call } from './S3Call';

/** Refuses a write that would go beyond the bucket's quota. */
export function requireQuota(
  call: S3Call,
  bucket: Bucket,
  bytes: number,
): void {
  if (bucket.quota === undefined || bytes === 0) {
    return;
  }
  const usage = call.context.usage.quotaUsageOf(bucket.name);
  if (usage === undefined) {
    // As on the real server: until the bucket is measured, a quota cannot be checked and every write waits.
    throw serviceUnavailable(
      'Bucket quota check temporarily unavailable, please retry',
    );
  }
  if (usage + bytes > bucket.quota) {
    throw invalidRequest(
      `Bucket quota exceeded. Current usage: ${usage} bytes, limit: ${bucket.quota} bytes`,
    );
  }
}

function defaultAlgorithm(bucket: Bucket): string | undefined {
  const rules = elementsOf(bucket.configurations.encryption ?? {}, 'Rule');
  const [byDefault] = rules.flatMap(rule =>
    elementsOf(rule, 'ApplyServerSideEncryptionByDefault'),
  );
  return byDefault && textOf(byDefault, 'SSEAlgorithm');
}

/** This server has no keys; an object that has to be encrypted cannot be written. */
export function requireNoEncryption(call: S3Call, bucket: Bucket): void {
  const { exchange } = call;
  if (
    exchange.header('x-amz-server-side-encryption-customer-algorithm') !==
    undefined
  ) {
    throw new ApiError(
      'NotImplemented',
      501,
      'this server does not encrypt with keys of the client',
    );
  }
  const algorithm =
    exchange.header('x-amz-server-side-encryption') ?? defaultAlgorithm(bucket);
  if (algorithm === 'AES256') {
    throw invalidRequest(
      'SSE-S3 requires RUSTFS_SSE_S3_MASTER_KEY to be set to a base64-encoded 32-byte key when KMS is not configured',
    );
  }
  if (algorithm !== undefined) {
    throw invalidRequest(
      'SSE-KMS requires a configured and running KMS service',
    );
  }
}

/** Refuses to remove a version that is under retention or legal hold. */
export function requireNotLocked(call: S3Call, version: ObjectVersion): void {
  const { retention, legalHold } = version.attributes;
  const retained =
    retention !== undefined && Date.parse(retention.until) > Date.now();
  const mayBypass =
    retention?.mode === 'GOVERNANCE' &&
    call.exchange.header('x-amz-bypass-governance-retention') === 'true' &&
    call.allows('s3:BypassGovernanceRetention', {
      bucket: call.bucketName,
      key: version.key,
    });
  if (legalHold) {
    throw apiError(
      'AccessDenied',
      'Object has a legal hold and cannot be deleted. Remove the legal hold first.',
    );
  }
  if (retained && !mayBypass) {
    throw underRetention(retention);
  }
}

export function underRetention({
  mode,
  until,
}: {
  mode: string;
  until: string;
}): ApiError {
  const [date, time] = new Date(until).toISOString().split('T');
  const [hours, minutes, seconds] = time.slice(0, 8).split(':');
  return apiError(
    'AccessDenied',
    `Object is under ${mode} retention and cannot be deleted until ${date} ${Number(
      hours,
    )}:${minutes}:${seconds}.0 +00:00:00`,
  );
}

export function missingObjectLock(): ApiError {
  return invalidRequest('Bucket is missing ObjectLockConfiguration');
}

/** Retention and legal hold only exist in buckets made for them. */
export function requireLockable(
  attributes: ObjectAttributes,
  bucket: Bucket,
): void {
  if (!bucket.objectLock && (attributes.retention || attributes.legalHold)) {
    throw missingObjectLock();
  }
}
