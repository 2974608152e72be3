import { z } from 'zod';
import { checkBucketName } from './naming';

const NAME_ADVICE =
  'Use 3 to 40 lower-case letters, digits and hyphens, and begin with a letter, for example invoices-writer';

/**
 * The name of an access: part of the names of Kubernetes objects and of the user on the server.
 *
 * @public
 */
export const accessNameSchema = z
  .string(NAME_ADVICE)
  .regex(/^[a-z][a-z0-9-]{1,38}[a-z0-9]$/, NAME_ADVICE);

const bucketName = z
  .string('Expected a bucket name, for example checkout-invoices')
  .superRefine((name, ctx) => {
    for (const { message } of checkBucketName(name)) {
      ctx.addIssue({ code: 'custom', message });
    }
  });

const KUBERNETES_NAME = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * Whole buckets by name, all buckets whose names begin with something, or a prefix in one bucket.
 *
 * @public
 */
export const accessScopeSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('buckets'),
    buckets: z
      .array(bucketName)
      .min(1, 'Choose at least one bucket')
      .max(20, 'Choose at most 20 buckets, or a name pattern such as loki-*')
      .transform(names => [...new Set(names)].sort()),
  }),
  z.strictObject({
    type: z.literal('pattern'),
    pattern: z
      .string('Expected a name pattern, for example loki-*')
      .regex(
        /^[a-z0-9][a-z0-9.-]{2,60}\*$/,
        'A name pattern is the beginning of a bucket name, of at least three characters, and one star, for example loki-*',
      ),
  }),
  z.strictObject({
    type: z.literal('prefix'),
    bucket: bucketName,
    prefix: z
      .string('Expected a key prefix, for example team-a/')
      .max(200, 'Use at most 200 characters')
      // A star or a question mark would match more than it says.
      .regex(
        /^(?!.*(\.\.|\/\/|\$))[^/*?\p{Cc}][^*?\p{Cc}]*\/$/u,
        'A key prefix is one or more folder names and ends with a slash, without * ? $ .. and //, for example team-a/',
      ),
  }),
]);

/**
 * The workload that reads the Secret of an access.
 *
 * @public
 */
export const accessConsumerSchema = z.strictObject({
  /** As the portal's configuration names it; the cluster of the tenant when it is left out. */
  cluster: z.string().trim().min(1).max(63).optional(),
  namespace: z
    .string('Expected the namespace of the workload, for example invoices')
    .regex(
      KUBERNETES_NAME,
      'Expected the name of a Kubernetes namespace, for example invoices',
    ),
  secret: z
    .string('Expected the name of the Secret, for example invoices-s3')
    .regex(
      KUBERNETES_NAME,
      'Use lower-case letters, digits and hyphens, at most 63 characters, for example invoices-s3',
    ),
  form: z.string().min(1).max(63).default('aws'),
  names: z
    .record(
      z.string(),
      z
        .string()
        .regex(
          /^[-._a-zA-Z0-9]{1,253}$/,
          'A key of a Secret has letters, digits, dots, hyphens and underscores, for example S3_BUCKET',
        ),
    )
    .optional(),
});

/**
 * Why something is asked for, in one line.
 *
 * @public
 */
export const purposeSchema = z
  .string('Say in a few words what it is for, for example "invoices as PDF"')
  .trim()
  .min(1, 'Say in a few words what it is for, for example "invoices as PDF"')
  .max(200, 'Use at most 200 characters')
  .regex(/^[^\p{Cc}]*$/u, 'Write one line of text');
