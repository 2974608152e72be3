import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { bucketChangeExamples as examples } from './examples';
import {
  commonInput,
  RequestActionOptions,
  requestOutput,
  runRequestStep,
} from './requestStep';

/**
 * Creates `rustfs:bucket:change`, which asks for another quota of a bucket that is there.
 *
 * @public
 */
export function createBucketChangeAction(options: RequestActionOptions) {
  return createTemplateAction({
    id: 'rustfs:bucket:change',
    description:
      'Asks for another quota of a bucket: opens a pull request in the GitOps repository and follows it',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        ...commonInput,
        bucket: z => z.string({ description: 'Name of the bucket' }),
        quota: z =>
          z.string({
            description:
              'Most that it may hold from now on, for example 100Gi, or none',
          }),
      },
      output: requestOutput,
    },
    handler: ctx =>
      runRequestStep(options, ctx, { kind: 'bucket-change', input: ctx.input }),
  });
}
