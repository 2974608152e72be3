import {
  BucketChangeRequest,
  bucketChangeSchema,
  bucketRequestPermission,
  formatBytes,
  NO_QUOTA,
  parseBytes,
} from '@rustfs-portal/plugin-rustfs-common';
import { FieldIssue, RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { parseInput } from '../../parseInput';

/** Another quota for a bucket that is there. */
export const bucketChange: RequestKind<BucketChangeRequest> = {
  id: 'bucket-change',
  permission: bucketRequestPermission,
  edits: 'existing',
  parse: input => parseInput(bucketChangeSchema, input),
  subject: input => ({
    type: 'bucket',
    tenant: input.tenant,
    name: input.bucket,
  }),
  claims: ({ bucket }) => [
    { type: 'bucket', name: bucket, holds: 'settings', field: 'bucket' },
  ],
  check(input, { owner, guardrails, tenant: known }) {
    const issues: FieldIssue[] = [];
    const add = (field: string, message: string) =>
      issues.push({ field, message });
    if (!guardrails.allow) {
      add('tenant', `${owner} may not change buckets on ${known.ref}`);
    }
    const found = known.buckets.find(({ name }) => name === input.bucket);
    if (!found || found.owner !== owner) {
      // Whether it is there is not for others to know.
      add(
        'bucket',
        `${owner} has no bucket ${input.bucket} on ${known.ref}; choose one of its own`,
      );
    }
    const { maxQuota, defaultQuota } = guardrails;
    const example = defaultQuota ?? maxQuota ?? '10Gi';
    if (input.quota === NO_QUOTA) {
      if (guardrails.quotaRequired) {
        add(
          'quota',
          `A bucket on ${known.ref} needs a quota, for example ${example}`,
        );
      }
      return issues;
    }
    const bytes = parseBytes(input.quota);
    if (bytes <= 0) {
      add('quota', `A quota is more than zero, for example ${example}`);
    } else if (maxQuota && bytes > parseBytes(maxQuota)) {
      add(
        'quota',
        `At most ${formatBytes(parseBytes(maxQuota))} can be asked for on ${
          known.ref
        }, for example ${maxQuota}`,
      );
    } else if (found?.owner === owner && found.quotaBytes === bytes) {
      issues.push({
        field: 'quota',
        message: `The quota of ${input.bucket} is ${input.quota} already`,
        isDone: true,
      });
    }
    return issues;
  },
  limits: ({ quota }) => ({
    quotas: [quota === NO_QUOTA ? undefined : quota],
    accessModes: [],
  }),
  declarations({ input }, declared) {
    const before = declared.buckets.find(({ name }) => name === input.bucket);
    return before
      ? [
          {
            ...before,
            quota: input.quota === NO_QUOTA ? undefined : input.quota,
          },
        ]
      : [];
  },
  subjects: input => [
    { type: 'bucket', tenant: input.tenant, name: input.bucket },
  ],
  words: ({ input }) => ({
    title: `Change the quota of bucket ${input.bucket} on ${input.tenant}`,
    summary: `Changes the quota of bucket \`${input.bucket}\` on tenant \`${input.tenant}\`.`,
    facts: [
      ['Reason', input.purpose],
      ['Quota', input.quota],
    ],
    ready: 'The server has the quota',
    notes: [
      'Nothing that is stored is touched; a bucket that holds more than its quota takes no more.',
    ],
  }),
};
