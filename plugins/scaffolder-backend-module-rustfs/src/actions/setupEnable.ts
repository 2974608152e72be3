import { SETUP_NETWORKS } from '@rustfs-portal/plugin-rustfs-common';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { setupEnableExamples as examples } from './examples';
import {
  commonInput,
  RequestActionOptions,
  requestOutput,
  runRequestStep,
} from './requestStep';

/**
 * Creates `rustfs:setup:enable`, which asks for what lets storage be declared for a tenant without operator.
 *
 * @public
 */
export function createSetupEnableAction(options: RequestActionOptions) {
  return createTemplateAction({
    id: 'rustfs:setup:enable',
    description:
      'Enables self-service for a tenant without operator: opens the pull request that adds its setup folder, with the program that makes the server agree with it',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        ...commonInput,
        folder: z =>
          z
            .string({
              description:
                'Folder of the records, from the root of the repository; beside what installs the server when it is left out',
            })
            .optional(),
        endpoint: z =>
          z
            .string({
              description:
                'Address of the server inside the cluster; that of its Service when it is left out',
            })
            .optional(),
        key: z =>
          z.object(
            {
              secret: z.string({ description: 'Name of the Secret' }),
              accessKey: z
                .string({ description: 'Its key with the access key' })
                .optional(),
              secretKey: z
                .string({ description: 'Its key with the secret key' })
                .optional(),
            },
            {
              description:
                'The Secret with the key of the program, which somebody puts into its namespace; neither the action nor the portal sees it',
            },
          ),
        ca: z =>
          z
            .object(
              {
                kind: z.enum(['ConfigMap', 'Secret']).optional(),
                name: z.string({ description: 'Its name' }).optional(),
                key: z
                  .string({ description: 'Its key with the certificates' })
                  .optional(),
              },
              {
                description:
                  'Where the certificates of a private authority are, in the namespace of the program; none without a name',
              },
            )
            .optional(),
        network: z =>
          z
            .enum(SETUP_NETWORKS, {
              description: 'What limits which addresses the program reaches',
            })
            .optional(),
      },
      output: requestOutput,
    },
    handler: ctx => {
      const { ca, endpoint, folder, key, network, ...input } = ctx.input;
      // A field of the form that was emptied again arrives as empty text.
      return runRequestStep(options, ctx, {
        kind: 'setup-enable',
        input: {
          ...input,
          folder: folder || undefined,
          endpoint: endpoint || undefined,
          key: {
            secret: key.secret,
            accessKey: key.accessKey || undefined,
            secretKey: key.secretKey || undefined,
          },
          ca: ca?.name
            ? {
                kind: ca.kind || undefined,
                name: ca.name,
                key: ca.key || undefined,
              }
            : undefined,
          network: network || undefined,
        },
      });
    },
  });
}
