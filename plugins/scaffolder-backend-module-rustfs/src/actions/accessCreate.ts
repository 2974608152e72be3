import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { DATA_CLASSES } from '@rustfs-portal/plugin-rustfs-common';
import { accessCreateExamples as examples } from './examples';
import {
  commonInput,
  RequestActionOptions,
  requestOutput,
  runRequestStep,
} from './requestStep';

/**
 * Creates `rustfs:access:create`, which asks for access to buckets with a Secret for the workload, and for new buckets
 * with it. No key comes into the task: the backend makes it and encrypts it at once.
 *
 * @public
 */
export function createAccessCreateAction(options: RequestActionOptions) {
  return createTemplateAction({
    id: 'rustfs:access:create',
    description:
      'Asks for access to buckets on a RustFS tenant, with a Secret for the workload: opens a pull request in the GitOps repository and follows it',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        ...commonInput,
        access: z =>
          z.string({
            description: 'Name of the access, for example invoices-writer',
          }),
        scope: z =>
          z.discriminatedUnion(
            'type',
            [
              z.object({
                type: z.literal('buckets'),
                buckets: z.array(z.string({ description: 'Name of a bucket' })),
              }),
              z.object({
                type: z.literal('pattern'),
                pattern: z.string({
                  description: 'Beginning of names and a star: loki-*',
                }),
              }),
              z.object({
                type: z.literal('prefix'),
                bucket: z.string({ description: 'Name of the bucket' }),
                prefix: z.string({
                  description: 'Beginning of keys, with a slash at its end',
                }),
              }),
            ],
            {
              description:
                'What it reaches: whole buckets, all buckets of a name pattern, or a key prefix in one bucket',
            },
          ),
        newBuckets: z =>
          z
            .array(
              z.object({
                bucket: z.string({ description: 'Name of the bucket' }),
                dataClass: z.enum([...DATA_CLASSES], {
                  description: 'Class of the data',
                }),
                quota: z
                  .string({ description: 'Most that it may hold' })
                  .optional(),
                versioning: z
                  .boolean({ description: 'Keep earlier versions' })
                  .optional(),
                objectLock: z
                  .boolean({ description: 'Allow objects to be locked' })
                  .optional(),
              }),
              {
                description:
                  'Buckets of the scope that are made together with the access',
              },
            )
            .optional(),
        mode: z =>
          z
            .string({
              description:
                'read, write, read-write (if left out), or a mode of the platform team',
            })
            .optional(),
        consumer: z =>
          z.object(
            {
              cluster: z
                .string({
                  description:
                    'Cluster of the workload; that of the tenant if left out',
                })
                .optional(),
              namespace: z.string({ description: 'Namespace of the workload' }),
              secret: z.string({ description: 'Name of the Secret' }),
              form: z
                .string({
                  description:
                    'What the Secret holds: aws (if left out), loki, tempo, velero, …',
                })
                .optional(),
              names: z
                .record(z.string(), {
                  description: 'Other names for keys of the form',
                })
                .optional(),
            },
            { description: 'The workload that reads the Secret' },
          ),
      },
      output: requestOutput,
    },
    handler: ctx => {
      const { consumer, mode, newBuckets, ...input } = ctx.input;
      // A field of the form that was emptied again arrives as empty text.
      return runRequestStep(options, ctx, {
        kind: 'access-create',
        input: {
          ...input,
          mode: mode || undefined,
          newBuckets: newBuckets?.map(bucket => ({
            ...bucket,
            quota: bucket.quota || undefined,
          })),
          consumer: {
            ...consumer,
            cluster: consumer.cluster || undefined,
            form: consumer.form || undefined,
          },
        },
      });
    },
  });
}
