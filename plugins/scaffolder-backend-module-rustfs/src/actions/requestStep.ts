import { createHash } from 'node:crypto';
import { AuthService } from '@backstage/backend-plugin-api';
import { ConflictError } from '@backstage/errors';
import {
  ActionContext,
  TemplateExample,
} from '@backstage/plugin-scaffolder-node';
import {
  PortalLinks,
  RequestPreview,
  RustfsApi,
  SentRequest,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { stringify } from 'yaml';
import { z as zod } from 'zod/v3';
import { BackendCaller } from './BackendCaller';

type Z = typeof zod;

/**
 * What an action of this module needs.
 *
 * @public
 */
export interface RequestActionOptions {
  auth: AuthService;
  links: PortalLinks;
  rustfs: Pick<RustfsApi, 'createRequest' | 'previewRequest'>;
  /** How long one call of the backend may take; default two minutes. */
  timeoutMs?: number;
}

/** Stands for the id of a request in a dry run, which makes none. */
export const ID_OF_DRY_RUN = 'dry-run';

/** The inputs that every request has. */
export const commonInput = {
  entityRef: (z: Z) =>
    z.string({
      description:
        'Entity that it is for, for example component:default/invoices; its owner is the owner',
    }),
  tenant: (z: Z) =>
    z.string({
      description:
        'Tenant, as cluster/namespace/name, for example prod/storage/media',
    }),
  purpose: (z: Z) =>
    z.string({ description: 'Why it is asked for, in a few words' }),
};

/** The outputs of every request. */
export const requestOutput = {
  requestId: (z: Z) => z.string({ description: 'Id of the request' }),
  requestUrl: (z: Z) =>
    z.string({ description: 'Path of the request in the portal' }),
  pullRequestUrl: (z: Z) =>
    z
      .string({
        description:
          'Address of the pull request; absent while the forge does not answer',
      })
      .optional(),
  pullRequestNumber: (z: Z) =>
    z.number({ description: 'Number of the pull request' }).optional(),
  entityRef: (z: Z) => z.string({ description: 'Entity that it is for' }),
  state: (z: Z) =>
    z.string({ description: 'State of the request, for example proposed' }),
};

/**
 * What a step of a template does that asks for something: asks the backend as the person who started the template. The
 * same step of the same task always leads to the same request. A dry run shows the pull request and asks for nothing.
 */
export async function runRequestStep(
  options: RequestActionOptions,
  ctx: ActionContext<any, any, any>,
  asked: SentRequest,
): Promise<void> {
  const { links, rustfs } = options;
  const caller = new BackendCaller(options);
  const submission = { ...asked.input, kind: asked.kind };
  if (ctx.isDryRun) {
    const preview = await caller.call(ctx, call =>
      rustfs.previewRequest(submission, call),
    );
    for (const line of describePreview(preview)) {
      ctx.logger.info(line);
    }
    ctx.output('requestId', ID_OF_DRY_RUN);
    ctx.output('entityRef', asked.input.entityRef);
    return;
  }
  const request = await caller.call(ctx, call =>
    rustfs.createRequest(submission, { ...call, key: keyOf(ctx, asked) }),
  );
  if (request.failure) {
    // Run again, a step finds its request as it is now.
    throw new ConflictError(
      `${request.failure.message}. ${request.failure.hint}`,
    );
  }
  ctx.output('requestId', request.id);
  ctx.output('requestUrl', links.requestPath(request.id));
  ctx.output('entityRef', request.entityRef);
  ctx.output('state', request.state);
  if (request.pullRequest) {
    const { number, url } = request.pullRequest;
    ctx.logger.info(`Opened pull request #${number}: ${url}`);
    ctx.output('pullRequestUrl', url);
    ctx.output('pullRequestNumber', number);
  } else {
    ctx.logger.warn(describeDelay(request));
  }
}

/** An example of one step. */
export function exampleOf(
  description: string,
  step: { id: string; action: string; name: string; input: object },
): TemplateExample {
  return { description, example: stringify({ steps: [step] }) };
}

/** One key for what a step of a task asks for; a step with `each` asks for more than one thing under one id. */
function keyOf(
  { step, task }: Pick<ActionContext<any>, 'step' | 'task'>,
  { kind, input }: SentRequest,
): string {
  const subject = 'access' in input ? input.access : undefined;
  const bucket = 'bucket' in input ? input.bucket : undefined;
  // A header takes no blanks, few letters and no long text.
  const hash = createHash('sha256')
    .update(JSON.stringify([step?.id, kind, input.tenant, subject ?? bucket]))
    .digest('hex');
  return `${task.id}:${hash}`;
}

function describePreview(preview: RequestPreview): string[] {
  return [
    `Dry run: would open the pull request "${preview.title}" in ${preview.repository}`,
    ...preview.approvers.map(
      ({ owner, buckets }) =>
        `${owner} would have to approve, as the owner of ${buckets.join(', ')}`,
    ),
    ...preview.files.map(
      ({ diff, operation, path }) => `${operation} ${path}\n${diff}`,
    ),
    ...(preview.findings ?? []).map(({ copy, message }) =>
      [message, ...(copy ? [`${copy.title}:`, copy.text] : [])].join('\n'),
    ),
  ];
}

function describeDelay({ problems, waitingFor }: StorageRequest): string {
  const reason = problems[0]?.message ?? waitingFor;
  return `The request is kept, its pull request is not open yet${
    reason ? `: ${reason}` : ''
  }. The portal tries again by itself.`;
}
