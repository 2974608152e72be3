import {
  BucketDeclared,
  BucketRequest,
  bucketRequestPermission,
  bucketRequestSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  FieldIssue,
  KindContext,
  RequestKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { checkRequest } from '../../guardrails';
import { describeBucket } from './describeBucket';
import { parseInput } from '../../parseInput';

/** A new bucket for an entity. */
export const bucketCreate: RequestKind<BucketRequest> = {
  id: 'bucket-create',
  permission: bucketRequestPermission,
  edits: 'new',
  parse: input => parseInput(bucketRequestSchema, input),
  subject: ({ tenant, bucket }) => ({ type: 'bucket', tenant, name: bucket }),
  claims: ({ bucket }) => [
    { type: 'bucket', name: bucket, holds: 'existence', field: 'bucket' },
  ],
  check: (input, context) => checkNewBucket(input, context, 'bucket'),
  limits: ({ quota }) => ({ quotas: [quota], accessModes: [] }),
  declarations: ({ input, owner, entityRef }) => [
    toBucketDeclared(input, { owner, entityRef }),
  ],
  subjects: ({ tenant, bucket }) => [{ type: 'bucket', tenant, name: bucket }],
  words: request => {
    const { bucket, tenant } = request.input;
    return {
      title: `Add bucket ${bucket} to ${tenant}`,
      summary: `Adds bucket \`${bucket}\` to tenant \`${tenant}\`.`,
      facts: [
        ['Purpose', request.input.purpose],
        ...describeBucket(request.input),
      ],
      ready: 'The bucket is there, as it is declared',
      notes: [],
    };
  },
};

/** Everything about a new bucket that cannot be. */
export function checkNewBucket(
  bucket: BucketRequest,
  context: KindContext,
  field: string,
): FieldIssue[] {
  const { tenant, owner, guardrails } = context;
  const issues = checkRequest(
    bucket,
    { ...guardrails, reviewers: [] },
    owner,
  ).map(issue => (issue.field === 'bucket' ? { ...issue, field } : issue));
  if (tenant.buckets.some(({ name }) => name === bucket.bucket)) {
    issues.push({
      field,
      message: `There is a bucket ${bucket.bucket} on ${tenant.ref} already; choose another name`,
      isTaken: true,
    });
  }
  const pattern = tenant.accesses.find(
    ({ scope, state, owner: other }) =>
      state === 'active' &&
      scope.type === 'pattern' &&
      bucket.bucket.startsWith(scope.pattern.slice(0, -1)) &&
      other !== owner,
  );
  if (pattern) {
    issues.push({
      field,
      message: `Names like ${bucket.bucket} belong to another team on ${tenant.ref}; choose another name`,
    });
  }
  return issues;
}

export function toBucketDeclared(
  bucket: Omit<BucketRequest, 'entityRef' | 'tenant'>,
  { owner, entityRef }: { owner: string; entityRef: string },
): BucketDeclared {
  return {
    type: 'bucket',
    name: bucket.bucket,
    owner,
    entity: entityRef,
    purpose: bucket.purpose,
    dataClass: bucket.dataClass,
    quota: bucket.quota,
    // A bucket with object lock is versioned, whether asked or not.
    versioning: bucket.versioning || bucket.objectLock,
    objectLock: bucket.objectLock,
  };
}
