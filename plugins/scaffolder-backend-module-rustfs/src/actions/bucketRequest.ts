import { createHash } from 'node:crypto';
import { AuthService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  BucketRequestInput,
  DATA_CLASSES,
  PortalLinks,
  RustfsApi,
} from '@rustfs-portal/plugin-rustfs-common';
import { examples } from './bucketRequest.examples';
import { translateError } from './translateError';

/** The backend opens a pull request meanwhile, which takes several calls of a forge that may be slow. */
const CALL_TIMEOUT_MS = 120_000;

/**
 * Creates `rustfs:bucket:request`, which asks the RustFS backend for a bucket as the person who started the template.
 * Running the same step of the same task again leads to the same request.
 *
 * @public
 */
export function createBucketRequestAction(options: {
  auth: AuthService;
  links: PortalLinks;
  rustfs: Pick<RustfsApi, 'createRequest' | 'previewRequest'>;
  /** How long one call of the backend may take. */
  timeoutMs?: number;
}) {
  const { auth, links, rustfs, timeoutMs = CALL_TIMEOUT_MS } = options;
  return createTemplateAction({
    id: 'rustfs:bucket:request',
    description:
      'Asks for a bucket on a RustFS tenant: opens a pull request in the GitOps repository and follows it',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        entityRef: z =>
          z.string({
            description:
              'Entity that the bucket is for, for example component:default/invoices',
          }),
        tenant: z =>
          z.string({ description: 'Tenant, as cluster/namespace/name' }),
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
        purpose: z =>
          z.string({ description: 'What the bucket is for, in a few words' }),
        dataClass: z =>
          z.enum([...DATA_CLASSES], { description: 'Class of the data' }),
      },
      output: {
        requestId: z => z.string({ description: 'Id of the request' }),
        requestUrl: z =>
          z.string({ description: 'Path of the request in the portal' }),
        pullRequestUrl: z =>
          z
            .string({
              description:
                'Address of the pull request; absent while the forge does not answer',
            })
            .optional(),
        pullRequestNumber: z =>
          z.number({ description: 'Number of the pull request' }).optional(),
        entityRef: z =>
          z.string({ description: 'Entity that the bucket is for' }),
      },
    },
    async handler(ctx) {
      const request: BucketRequestInput = {
        ...ctx.input,
        // A field of the form that was emptied again arrives as empty text.
        quota: ctx.input.quota || undefined,
      };
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: await ctx.getInitiatorCredentials(),
        targetPluginId: 'rustfs',
      });
      const call = {
        token,
        signal: AbortSignal.any([
          ...(ctx.signal ? [ctx.signal] : []),
          AbortSignal.timeout(timeoutMs),
        ]),
      };
      const explain = (error: unknown): never => {
        // A task that is cancelled ends as the scaffolder wants it.
        throw ctx.signal?.aborted ? error : translateError(error, timeoutMs);
      };

      if (ctx.isDryRun) {
        const preview = await rustfs
          .previewRequest(request, call)
          .catch(explain);
        ctx.logger.info(
          `Dry run: would open the pull request "${preview.title}" in ${preview.repository}`,
        );
        for (const file of preview.files) {
          ctx.logger.info(`${file.operation} ${file.path}\n${file.diff}`);
        }
        ctx.output('entityRef', request.entityRef);
        return;
      }

      const key = `${ctx.task.id}:${hash([
        ctx.step?.id,
        // A step with `each` runs more than once under one id.
        request.tenant,
        request.bucket,
      ])}`;
      const created = await rustfs
        .createRequest(request, { ...call, key })
        .catch(explain);
      if (created.failure) {
        // Run again, a step finds its request as it is now.
        throw new ConflictError(
          `${created.failure.message}. ${created.failure.hint}`,
        );
      }
      ctx.output('requestId', created.id);
      ctx.output('requestUrl', links.requestPath(created.id));
      ctx.output('entityRef', created.entityRef);
      if (created.pullRequest) {
        const { number, url } = created.pullRequest;
        ctx.logger.info(`Opened pull request #${number}: ${url}`);
        ctx.output('pullRequestUrl', url);
        ctx.output('pullRequestNumber', number);
      } else {
        const reason = created.problems[0]?.message ?? created.waitingFor;
        ctx.logger.warn(
          `The request is kept, its pull request is not open yet${
            reason ? `: ${reason}` : ''
          }. The portal tries again by itself.`,
        );
      }
    },
  });
}

/** A header takes no blanks, few letters and no long text. */
function hash(parts: Array<string | undefined>): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
