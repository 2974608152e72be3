import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { accessRevokeExamples as examples } from './examples';
import {
  commonInput,
  RequestActionOptions,
  requestOutput,
  runRequestStep,
} from './requestStep';

/**
 * Creates `rustfs:access:revoke`, which asks for the end of an access.
 *
 * @public
 */
export function createAccessRevokeAction(options: RequestActionOptions) {
  return createTemplateAction({
    id: 'rustfs:access:revoke',
    description:
      'Asks for the end of an access: opens the pull request after which its key does not work any more',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        ...commonInput,
        access: z => z.string({ description: 'Name of the access' }),
      },
      output: requestOutput,
    },
    handler: ctx =>
      runRequestStep(options, ctx, { kind: 'access-revoke', input: ctx.input }),
  });
}
