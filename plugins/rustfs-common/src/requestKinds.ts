import { z } from 'zod';
import {
  accessConsumerSchema,
  accessNameSchema,
  accessScopeSchema,
  purposeSchema,
} from './accessRequests';
import { scopeCovers } from './access';
import {
  BucketRequest,
  BucketRequestInput,
  bucketRequestSchema,
} from './requests';

const { entityRef, tenant, bucket, ...settings } = bucketRequestSchema.shape;

/**
 * Stands for a bucket without quota in a change.
 *
 * @public
 */
export const NO_QUOTA = 'none';

/**
 * Another quota for a bucket that is there.
 *
 * @public
 */
export const bucketChangeSchema = z.strictObject({
  entityRef,
  tenant,
  bucket,
  /** A Kubernetes quantity, or `none`. */
  quota: z.union([z.literal(NO_QUOTA), settings.quota.unwrap()], {
    error: 'Expected an amount of bytes, for example 50Gi, or none',
  }),
  purpose: purposeSchema,
});

/**
 * A parsed change of a bucket.
 *
 * @public
 */
export type BucketChangeRequest = z.output<typeof bucketChangeSchema>;

/**
 * A change of a bucket as it is sent.
 *
 * @public
 */
export type BucketChangeRequestInput = z.input<typeof bucketChangeSchema>;

/**
 * Access to buckets, with the key for a workload; its new buckets with it.
 *
 * @public
 */
export const accessCreateSchema = z
  .strictObject({
    entityRef,
    tenant,
    access: accessNameSchema,
    scope: accessScopeSchema,
    /** Buckets of the scope that are made together with the access. */
    newBuckets: z
      .array(
        z.strictObject({
          bucket,
          quota: settings.quota,
          versioning: settings.versioning,
          objectLock: settings.objectLock,
          dataClass: settings.dataClass,
        }),
      )
      .max(10, 'Ask for at most 10 new buckets at a time')
      .default([]),
    mode: z
      .string('Expected a mode, for example read-write')
      .min(1)
      .max(63)
      .default('read-write'),
    consumer: accessConsumerSchema,
    purpose: purposeSchema,
  })
  .superRefine(({ newBuckets, scope }, ctx) => {
    newBuckets.forEach(({ bucket: name }, index) => {
      const path = ['newBuckets', index, 'bucket'];
      if (!scopeCovers(scope, name)) {
        ctx.addIssue({
          code: 'custom',
          path,
          message: `The access does not reach ${name}; add it to the buckets of the access`,
        });
      }
      if (newBuckets.findIndex(other => other.bucket === name) < index) {
        ctx.addIssue({
          code: 'custom',
          path,
          message: `${name} is named twice`,
        });
      }
    });
  });

/**
 * A parsed request for an access.
 *
 * @public
 */
export type AccessRequest = z.output<typeof accessCreateSchema>;

/**
 * A request for an access as it is sent.
 *
 * @public
 */
export type AccessRequestInput = z.input<typeof accessCreateSchema>;

/**
 * The end of an access.
 *
 * @public
 */
export const accessRevokeSchema = z.strictObject({
  entityRef,
  tenant,
  access: accessNameSchema,
  purpose: purposeSchema,
});

/**
 * A parsed request for the end of an access.
 *
 * @public
 */
export type AccessRevocation = z.output<typeof accessRevokeSchema>;

/**
 * A request for the end of an access as it is sent.
 *
 * @public
 */
export type AccessRevocationInput = z.input<typeof accessRevokeSchema>;

/**
 * The input of each kind of request that the portal has by itself. A package that adds a kind may add its own here.
 *
 * @public
 */
export interface RequestInputs {
  'bucket-create': BucketRequest;
  'bucket-change': BucketChangeRequest;
  'access-create': AccessRequest;
  'access-revoke': AccessRevocation;
}

/**
 * The same as it is sent. A package that adds a kind may add its own here.
 *
 * @public
 */
export interface SentRequestInputs {
  'bucket-create': BucketRequestInput;
  'bucket-change': BucketChangeRequestInput;
  'access-create': AccessRequestInput;
  'access-revoke': AccessRevocationInput;
}

/**
 * What is asked for: a kind, and the input of that kind.
 *
 * @public
 */
export type SentRequest = {
  [K in keyof SentRequestInputs]: { kind: K; input: SentRequestInputs[K] };
}[keyof SentRequestInputs];

/**
 * The input of a request, when it is of a kind.
 *
 * @public
 */
export function inputOf<K extends keyof RequestInputs>(
  request: { kind: string; input: unknown },
  kind: K,
): RequestInputs[K] | undefined {
  return request.kind === kind
    ? (request.input as RequestInputs[K])
    : undefined;
}
