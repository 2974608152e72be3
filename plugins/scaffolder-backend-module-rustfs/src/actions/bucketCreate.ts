import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { DATA_CLASSES } from '@rustfs-portal/plugin-rustfs-common';
import { bucketCreateExamples as examples } from './examples';
import {
  commonInput,
  RequestActionOptions,
  requestOutput,
  runRequestStep,
} from './requestStep';

/**
 * Creates `rustfs:bucket:create`, which asks the RustFS backend for a bucket as the person who started the template.
 * Running the same step of the same task again leads to the same request.
 *
 * @public
 */
export function createBucketCreateAction(options: RequestActionOptions) {
  return createTemplateAction({
    id: 'rustfs:bucket:create',
    description:
      'Asks for a bucket on a RustFS tenant: opens a pull request in the GitOps repository and follows it',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        ...commonInput,
        bucket: z => z.string({ description: 'Name of the bucket' }),
        quota: z =>
          z
            .string({ description: 'Most that it may hold, for example 50Gi' })
            .optional(),
        versioning: z =>
          z.boolean({ description: 'Keep earlier versions' }).optional(),
        objectLock: z =>
          z
            .boolean({
              description: 'Allow objects to be locked; turns versioning on',
            })
            .optional(),
        dataClass: z =>
          z.enum([...DATA_CLASSES], { description: 'Class of the data' }),
      },
      output: requestOutput,
    },
    handler: ctx =>
      runRequestStep(options, ctx, {
        kind: 'bucket-create',
        // A field of the form that was emptied again arrives as empty text.
        input: { ...ctx.input, quota: ctx.input.quota || undefined },
      }),
  });
}
