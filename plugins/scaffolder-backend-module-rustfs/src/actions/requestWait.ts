import { setTimeout as sleep } from 'node:timers/promises';
import { AuthService } from '@backstage/backend-plugin-api';
import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  PortalLinks,
  RequestState,
  RustfsApi,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { BackendCaller } from './BackendCaller';
import { requestWaitExamples as examples } from './examples';
import { ID_OF_DRY_RUN, requestOutput } from './requestStep';

const POLL_MS = 5000;
const CALL_TIMEOUT_MS = 30_000;
const DEFAULT_MINUTES = 30;
/** The token of whoever started the template is good for an hour, and nobody else may look for them. */
const MAX_MINUTES = 60;

const ENDS: ReadonlySet<RequestState> = new Set([
  'failed',
  'closed',
  'withdrawn',
]);

/**
 * Creates `rustfs:request:wait`, which waits until what was asked for is there. It ends with an error when the request
 * fails, is closed or withdrawn, or takes longer than the bound.
 *
 * @public
 */
export function createRequestWaitAction(options: {
  auth: AuthService;
  links: PortalLinks;
  rustfs: Pick<RustfsApi, 'getRequest'>;
  /** Milliseconds between two looks at the request. */
  pollMs?: number;
}) {
  const { links, rustfs, pollMs = POLL_MS } = options;
  const caller = new BackendCaller({
    ...options,
    timeoutMs: CALL_TIMEOUT_MS,
  });
  return createTemplateAction({
    id: 'rustfs:request:wait',
    description:
      'Waits until a storage request is ready; ends with an error when it fails, is closed or withdrawn, or takes too long',
    examples,
    supportsDryRun: true,
    schema: {
      input: {
        requestId: z =>
          z.string({ description: 'Id of the request, an output of its step' }),
        timeoutMinutes: z =>
          z
            .number({
              description: `How long to wait at most, ${DEFAULT_MINUTES} minutes if left out`,
            })
            .positive()
            .max(MAX_MINUTES)
            .optional(),
      },
      output: requestOutput,
    },
    async handler(ctx) {
      const { requestId, timeoutMinutes = DEFAULT_MINUTES } = ctx.input;
      if (ctx.isDryRun) {
        ctx.logger.info('Dry run: would wait until the request is ready');
        ctx.output('requestId', ID_OF_DRY_RUN);
        return;
      }
      const deadline = Date.now() + timeoutMinutes * 60_000;
      const path = links.requestPath(requestId);
      const log = onlyNews(text => ctx.logger.info(text));

      for (;;) {
        const request = await caller
          .call(ctx, call => rustfs.getRequest(requestId, call))
          .catch(error => {
            if (error instanceof ServiceUnavailableError) {
              log('The RustFS backend does not answer at present');
              return undefined;
            }
            throw error;
          });
        if (request) {
          log(describeProgress(request));
        }
        if (request?.state === 'ready') {
          ctx.output('requestId', request.id);
          ctx.output('requestUrl', path);
          ctx.output('entityRef', request.entityRef);
          ctx.output('state', request.state);
          if (request.pullRequest) {
            ctx.output('pullRequestUrl', request.pullRequest.url);
            ctx.output('pullRequestNumber', request.pullRequest.number);
          }
          return;
        }
        if (request && ENDS.has(request.state)) {
          throw new ConflictError(describeEnd(request));
        }
        if (Date.now() + pollMs > deadline) {
          throw new ServiceUnavailableError(
            `The request is not ready after ${timeoutMinutes} minutes${
              request ? `; ${describeProgress(request)}` : ''
            }. It goes on without this task: see ${path}`,
          );
        }
        // Ends with an AbortError as soon as the task is cancelled.
        await sleep(pollMs, undefined, { signal: ctx.signal });
      }
    },
  });
}

function describeProgress(request: StorageRequest): string {
  const { problems, stage, stages, state, stalled, waitingFor } = request;
  return [
    stages > 1 ? `${state} (${stage} of ${stages})` : state,
    waitingFor && `waiting for: ${waitingFor}`,
    stalled,
    ...problems.map(({ message }) => message),
  ]
    .filter(Boolean)
    .join('; ');
}

function describeEnd({ failure, state }: StorageRequest): string {
  return failure
    ? `${failure.message}. ${failure.hint}`
    : `The request was ${state}, so nothing will come of it: ask again if it is still needed`;
}

/** The log of a task is for people: what has not changed is not said again. */
function onlyNews(say: (text: string) => void): (text: string) => void {
  let last: string | undefined;
  return text => {
    if (text !== last) {
      last = text;
      say(text);
    }
  };
}
