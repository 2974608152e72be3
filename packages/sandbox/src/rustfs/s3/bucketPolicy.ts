import { ApiError, apiError, invalidArgument } from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { renderXml, textOf } from '../http/xml';
import {
  parsePolicy,
  type PolicyDocument,
  PolicyParseError,
} from '../iam/policyDocument';
import type { S3Call } from './S3Call';

function parseBucketPolicy(text: string): PolicyDocument {
  try {
    return parsePolicy(text, 'bucket');
  } catch (error) {
    if (error instanceof PolicyParseError) {
      throw invalidArgument(
        `parse policy failed Error(${JSON.stringify(error.reason)}, line: ${
          error.line
        }, column: ${error.column})`,
      );
    }
    throw error;
  }
}

function grantsToEveryone(policy: PolicyDocument): boolean {
  return policy.Statement.some(
    statement =>
      statement.Effect === 'Allow' && statement.Principal?.AWS.includes('*'),
  );
}

export async function getPolicy(call: S3Call): Promise<void> {
  call.require('s3:GetBucketPolicy');
  const { policy } = call.bucket();
  if (policy === undefined) {
    throw new ApiError(
      'NoSuchBucketPolicy',
      404,
      'The specified bucket does not have a bucket policy.',
    );
  }
  send(call.exchange, { status: 200, body: policy });
}

export async function putPolicy(call: S3Call): Promise<void> {
  call.require('s3:PutBucketPolicy');
  const bucket = call.bucket();
  const text = await call.readDocument();
  const policy = parseBucketPolicy(text);
  const block = bucket.configurations.publicAccessBlock;
  if (
    block &&
    textOf(block, 'BlockPublicPolicy') === 'true' &&
    grantsToEveryone(policy)
  ) {
    throw apiError('AccessDenied');
  }
  call.context.buckets.save({ ...bucket, policy: text });
  send(call.exchange, { status: 204 });
}

export async function deletePolicy(call: S3Call): Promise<void> {
  call.require('s3:DeleteBucketPolicy');
  call.context.buckets.save({ ...call.bucket(), policy: undefined });
  send(call.exchange, { status: 204 });
}

/** "Public" to RustFS is only a bucket that anyone may list, whatever else its policy gives away. */
export async function getPolicyStatus(call: S3Call): Promise<void> {
  call.require('s3:GetBucketPolicyStatus');
  call.bucket();
  const isPublic = call.context.authorizer.allowsS3(undefined, {
    action: 's3:ListBucket',
    bucket: call.bucketName,
  });
  sendXml(
    call.exchange,
    renderXml('PolicyStatus', { IsPublic: String(isPublic) }),
  );
}
