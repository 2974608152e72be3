import { BackstageCredentials } from '@backstage/backend-plugin-api';
import { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  PortalLinks,
  SentRequestInputs,
  SETUP_NETWORKS,
} from '@rustfs-portal/plugin-rustfs-common';
import { RequestDoor } from '../doors';
import {
  accessScope,
  askingInput,
  bucketSettings,
  describePreview,
  describeRequest,
  previewOutput,
  requestOutput,
  Z,
} from './schemas';

const ASKING = { readOnly: false, destructive: false, idempotent: true };

const HOW =
  'Opens a pull request in the GitOps repository, which people review; nothing is there before it is merged and applied. Asks with the rights of the caller.';

/** Registers the actions that ask for something, one per kind of request. */
export function registerAskingActions(options: {
  actionsRegistry: ActionsRegistryService;
  door: RequestDoor;
  links: PortalLinks;
}): void {
  const { actionsRegistry, door, links } = options;

  async function ask<K extends keyof SentRequestInputs>(
    kind: K,
    credentials: BackstageCredentials,
    call: SentRequestInputs[K] & { dryRun: boolean; idempotencyKey: string },
  ) {
    const { dryRun, idempotencyKey, ...input } = call;
    const body = { ...input, kind };
    if (dryRun) {
      const preview = await door.preview(credentials, body);
      return { output: { preview: describePreview(preview) } };
    }
    const request = await door.submit(credentials, body, () => idempotencyKey);
    return { output: { request: describeRequest(request, links) } };
  }

  actionsRegistry.register({
    name: 'create-bucket',
    title: 'Ask for a bucket',
    description: `Asks for a bucket on a RustFS tenant. ${HOW} For a bucket that a workload is to use, ask with create-access, which brings the bucket too.`,
    attributes: ASKING,
    schema: {
      input: z =>
        z
          .object({
            ...askingInput(z),
            bucket: z.string().describe('Name of the bucket.'),
            ...bucketSettings(z),
          })
          .strict(),
      output,
    },
    action: ({ credentials, input }) =>
      ask('bucket-create', credentials, input),
  });

  actionsRegistry.register({
    name: 'change-bucket',
    title: 'Ask for another quota',
    description: `Asks for another quota of a bucket that is there. ${HOW}`,
    attributes: ASKING,
    schema: {
      input: z =>
        z
          .object({
            ...askingInput(z),
            bucket: z.string().describe('Name of the bucket.'),
            quota: z
              .string()
              .describe(
                'The most that it may hold from now on, a Kubernetes quantity such as 100Gi, or none.',
              ),
          })
          .strict(),
      output,
    },
    action: ({ credentials, input }) =>
      ask('bucket-change', credentials, input),
  });

  actionsRegistry.register({
    name: 'create-access',
    title: 'Ask for access to buckets',
    description: `Asks for a key to buckets, as a Secret of a workload, and for new buckets with it. ${HOW} The key is made and encrypted by the portal; nobody, and no action, is shown it.`,
    attributes: ASKING,
    schema: {
      input: z =>
        z
          .object({
            ...askingInput(z),
            access: z
              .string()
              .describe('Name of the access, for example invoices-writer.'),
            scope: accessScope(z).describe('What it reaches.'),
            newBuckets: z
              .array(
                z.object({ bucket: z.string(), ...bucketSettings(z) }).strict(),
              )
              .optional()
              .describe('Buckets of the scope that are made with the access.'),
            mode: z
              .string()
              .default('read-write')
              .describe(
                'read, write, read-write, or a mode of the platform team.',
              ),
            consumer: z
              .object({
                cluster: z
                  .string()
                  .optional()
                  .describe('Cluster of the workload; absent: the tenant’s.'),
                namespace: z.string().describe('Namespace of the workload.'),
                secret: z.string().describe('Name that the Secret gets.'),
                form: z
                  .string()
                  .default('aws')
                  .describe(
                    'What the Secret holds: aws, loki, tempo, velero, harbor, cloudnative-pg, mlflow, plain, or a form of the platform team.',
                  ),
                names: z
                  .record(z.string())
                  .optional()
                  .describe('Other names for keys of the form.'),
              })
              .strict()
              .describe('The workload that reads the Secret.'),
          })
          .strict(),
      output,
    },
    action: ({ credentials, input }) =>
      ask('access-create', credentials, input),
  });

  actionsRegistry.register({
    name: 'revoke-access',
    title: 'Ask for the end of an access',
    description: `Asks for the end of an access: after the merge its key does not work any more, for nobody who has it. ${HOW}`,
    attributes: { ...ASKING, destructive: true },
    schema: {
      input: z =>
        z
          .object({
            ...askingInput(z),
            access: z.string().describe('Name of the access.'),
          })
          .strict(),
      output,
    },
    action: ({ credentials, input }) =>
      ask('access-revoke', credentials, input),
  });

  actionsRegistry.register({
    name: 'enable-self-service',
    title: 'Ask to enable self-service for a tenant',
    description: `Asks for the setup folder of a tenant without operator, so that storage can be declared for it; for the platform team. ${HOW} The answer of a dry run names what has to be done beside the pull request.`,
    attributes: ASKING,
    schema: {
      input: z =>
        z
          .object({
            ...askingInput(z),
            folder: z
              .string()
              .optional()
              .describe(
                'Folder of the records from the root of the repository; absent: beside what installs the server.',
              ),
            endpoint: z
              .string()
              .optional()
              .describe(
                'Address of the server inside the cluster; absent: that of its Service.',
              ),
            key: z
              .object({
                secret: z.string().describe('Name of the Secret.'),
                accessKey: z.string().default('accesskey'),
                secretKey: z.string().default('secretkey'),
              })
              .strict()
              .describe(
                'The Secret with the key of the program, and its keys. Somebody makes it; nobody, and no action, is shown it.',
              ),
            network: z
              .enum(SETUP_NETWORKS)
              .default('none')
              .describe('What limits which addresses the program reaches.'),
          })
          .strict(),
      output,
    },
    action: ({ credentials, input }) => ask('setup-enable', credentials, input),
  });
}

function output(z: Z) {
  return z.object({
    request: requestOutput(z)
      .optional()
      .describe('What was asked for; absent in a dry run.'),
    preview: previewOutput(z).optional().describe('Only in a dry run.'),
  });
}
