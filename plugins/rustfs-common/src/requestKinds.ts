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
 * What keeps the setup program from reaching anything but its server.
 *
 * @public
 */
export const SETUP_NETWORKS = [
  'none',
  'NetworkPolicy',
  'CiliumNetworkPolicy',
] as const;

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

const CA_NAME =
  'Use the name of a ConfigMap or Secret: lower-case letters, digits, hyphens and dots, for example company-ca';

const SECRET_NAME =
  'Use the name of a Secret: lower-case letters, digits, hyphens and dots, for example rustfs-setup';

const secretKeySchema = z
  .string()
  .trim()
  .regex(
    /^[-._a-zA-Z0-9]{1,253}$/,
    'A key of a Secret has letters, digits, hyphens, dots and underscores, for example accesskey',
  );

/**
 * What the platform team puts into Git once for a tenant without operator, so that storage can be asked for there.
 *
 * @public
 */
export const setupEnableSchema = z.strictObject({
  entityRef,
  tenant,
  /** Where records are to lie, from the root of the repository; beside what installs the server when it is left out. */
  folder: z
    .string()
    .trim()
    .min(1)
    .max(300, 'Use at most 300 characters')
    .regex(
      /^(?!\/)(?!(.*\/)?\.\.(\/|$))[\w./-]+$/,
      'Expected a folder from the root of the repository, for example clusters/prod/media-setup',
    )
    .optional(),
  /** Of the server, as the program in the cluster reaches it; that of its Service when it is left out. */
  endpoint: z
    .url({
      protocol: /^https?$/,
      error:
        'Expected http:// or https:// with host and port, for example http://rustfs-svc.storage.svc:9000',
    })
    .optional(),
  /** The Secret with the program's key for the server, in the namespace of the program. The portal never sees it. */
  key: z.strictObject({
    secret: z
      .string(SECRET_NAME)
      .trim()
      .max(253, SECRET_NAME)
      .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, SECRET_NAME),
    accessKey: secretKeySchema.default('accesskey'),
    secretKey: secretKeySchema.default('secretkey'),
  }),
  /** The certificates of a private authority, in the namespace of the program. */
  ca: z
    .strictObject({
      kind: z.enum(['ConfigMap', 'Secret']).default('ConfigMap'),
      name: z
        .string(CA_NAME)
        .trim()
        .max(253, CA_NAME)
        .regex(/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, CA_NAME),
      key: secretKeySchema.default('ca.crt'),
    })
    .optional(),
  network: z
    .enum(SETUP_NETWORKS, {
      error: `Expected one of ${SETUP_NETWORKS.join(', ')}`,
    })
    .default('none'),
  purpose: purposeSchema,
});

/**
 * A parsed request to enable self-service for a tenant.
 *
 * @public
 */
export type SetupRequest = z.output<typeof setupEnableSchema>;

/**
 * A request to enable self-service for a tenant as it is sent.
 *
 * @public
 */
export type SetupRequestInput = z.input<typeof setupEnableSchema>;

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
  'setup-enable': SetupRequest;
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
  'setup-enable': SetupRequestInput;
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
