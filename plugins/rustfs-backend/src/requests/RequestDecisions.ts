import { ConflictError, NotAllowedError } from '@backstage/errors';
import {
  CommitDecision,
  RequestEvent,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { branchOf } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { RequestRecord, RequestStore } from '../ledger';
import { RequestKinds } from './RequestKinds';
import { RequestNotifier } from './RequestNotifier';
import { RequestSubmitter } from './RequestSubmitter';
import { LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';

/** How long one that is taken up again may wait for what the portal is doing with it. */
const SUBMIT_WAIT_MS = 30_000;

/** What people decide about a request that is there. It does not authorize, but knows whose request it is. */
export class RequestDecisions {
  readonly #kinds: Pick<RequestKinds, 'find'>;
  readonly #notifier: Pick<RequestNotifier, 'changed'>;
  readonly #store: RequestStore;
  readonly #submitter: Pick<RequestSubmitter, 'locked' | 'replace' | 'submit'>;
  readonly #targets: Pick<RequestTargets, 'locate' | 'locateConsumer' | 'open'>;

  constructor(options: {
    kinds: Pick<RequestKinds, 'find'>;
    notifier: Pick<RequestNotifier, 'changed'>;
    store: RequestStore;
    submitter: Pick<RequestSubmitter, 'locked' | 'replace' | 'submit'>;
    targets: Pick<RequestTargets, 'locate' | 'locateConsumer' | 'open'>;
  }) {
    this.#kinds = options.kinds;
    this.#notifier = options.notifier;
    this.#store = options.store;
    this.#submitter = options.submitter;
    this.#targets = options.targets;
  }

  /**
   * Takes an open request back: its pull request is closed, its name is free again. Doing it twice is fine.
   *
   * @throws NotAllowedError when somebody else asked
   * @throws ConflictError when it was merged meanwhile, or has ended
   */
  async withdraw(id: string, actor: string): Promise<StorageRequest> {
    return this.#submitter.locked(id, async record => {
      const { request } = record;
      requireAuthor(request, actor, 'withdraw');
      if (request.state === 'withdrawn') {
        return request;
      }
      if (request.state !== 'submitting' && request.state !== 'proposed') {
        throw createEndedError(request);
      }
      if (request.stage > 1) {
        throw createStageError(request);
      }
      const pull = await this.#findPull(record);
      if (
        pull &&
        (await pull.located.forge.closePull(
          pull.located.repository,
          pull.number,
        )) === 'merged'
      ) {
        throw createMergedError(request);
      }
      return this.#write(
        {
          ...record,
          request: {
            ...request,
            state: 'withdrawn',
            waitingFor: undefined,
            stalled: undefined,
            foreignCommit: undefined,
            problems: [],
            pullRequest: request.pullRequest && {
              ...request.pullRequest,
              state: 'closed',
              note: undefined,
              turn: undefined,
              checks: undefined,
            },
          },
        },
        {
          state: 'withdrawn',
          source: 'portal',
          actor,
          message: 'Withdrawn by the one who asked',
          link: linkOf(request),
        },
      );
    });
  }

  /**
   * Takes up a request again that was closed or withdrawn.
   *
   * @param check - throws when it may not be asked for any more
   * @throws NotAllowedError when somebody else asked
   * @throws ConflictError when it is not closed, its pull request was merged, or somebody else asks for the name by now
   */
  async reopen(
    id: string,
    actor: string,
    check: () => Promise<void>,
  ): Promise<StorageRequest> {
    const before = await this.#submitter.locked(id, async record => {
      const { request } = record;
      requireAuthor(request, actor, 'take up');
      if (request.state !== 'closed' && request.state !== 'withdrawn') {
        throw new ConflictError(
          `The request for ${request.subject.name} is not closed: look at it again`,
        );
      }
      await check();
      await this.#write(
        {
          ...record,
          request: {
            ...request,
            state: 'submitting',
            waitingFor: 'The pull request is being opened again',
            problems: [],
          },
        },
        {
          state: 'submitting',
          source: 'portal',
          actor,
          message: 'Taken up again by the one who asked',
        },
        { claim: true },
      );
      return record;
    });
    const outcome = await this.#submitter.submit(id, {
      waitMs: SUBMIT_WAIT_MS,
    });
    if (outcome?.outcome === 'kept') {
      return outcome.record.request;
    }
    const error = outcome?.error ?? createEndedError(before.request);
    await this.#putBack(before, error);
    throw error;
  }

  /**
   * Ends an open request, because another one about the same subject takes its place. What was merged already stays in Git,
   * and is for the other one to undo. Doing it twice is fine.
   */
  async supersede(id: string, by: StorageRequest): Promise<void> {
    await this.#submitter.locked(id, async record => {
      const { request } = record;
      if (!isOpen(request)) {
        return;
      }
      const isProposed =
        request.state === 'submitting' || request.state === 'proposed';
      const pull = isProposed ? await this.#findPull(record) : undefined;
      const closed =
        pull &&
        (await pull.located.forge.closePull(
          pull.located.repository,
          pull.number,
        ));
      const isMerged = !isProposed || closed === 'merged';
      const message = `Another request takes its place: ${by.kind} of ${by.subject.name}, asked for by ${by.requestedBy}`;
      const state = isMerged ? 'failed' : 'closed';
      await this.#write(
        {
          ...record,
          request: {
            ...request,
            state,
            waitingFor: undefined,
            stalled: undefined,
            foreignCommit: undefined,
            problems: [],
            failure: isMerged
              ? {
                  source: 'portal',
                  reason: 'Superseded',
                  message,
                  hint: 'What was merged of it is undone by the other request: follow that one.',
                }
              : undefined,
            pullRequest: request.pullRequest && {
              ...request.pullRequest,
              state: isMerged ? 'merged' : 'closed',
              note: undefined,
              turn: undefined,
              checks: undefined,
            },
          },
        },
        { state, source: 'portal', message, link: linkOf(by) },
        { isFinal: true },
      );
    });
  }

  /**
   * Says what becomes of a commit of somebody else on the branch.
   *
   * @throws ConflictError when it is another commit by now, or the request is not open
   */
  async decide(
    id: string,
    { commit, decision }: CommitDecision,
    actor: string,
  ): Promise<StorageRequest> {
    if (decision === 'replace') {
      return (await this.#submitter.replace(id, { commit, actor })).request;
    }
    return this.#submitter.locked(id, async record => {
      const { request } = record;
      const { foreignCommit, state } = request;
      if (state !== 'proposed' || foreignCommit?.commit !== commit) {
        throw new ConflictError(
          `The branch of the request for ${request.subject.name} has changed meanwhile: look at it again`,
        );
      }
      return foreignCommit.isKept
        ? request
        : this.#write(
            {
              ...record,
              request: {
                ...request,
                foreignCommit: { ...foreignCommit, isKept: true },
              },
            },
            {
              state,
              source: 'portal',
              actor,
              message: `Commit ${commit.slice(0, 7)} of ${
                foreignCommit.by
              } stays as it is`,
              link: linkOf(request),
            },
          );
    });
  }

  /** The pull request of a request, also when the portal ended before it could be written down. */
  async #findPull(
    record: RequestRecord,
  ): Promise<{ located: LocatedTarget; number: number } | undefined> {
    const { consumer, request, delivery } = record;
    const { tenant } = request.subject;
    const locate = () =>
      consumer && request.stage > 1
        ? this.#targets.locateConsumer(tenant, consumer)
        : this.#targets.locate(tenant, {
            place: this.#kinds.find(request.kind)?.place,
          });
    const located = delivery
      ? this.#targets.open(tenant, delivery)
      : await locate().catch(error => {
          // Where nothing can be declared, nothing was opened.
          if (error.name === 'InputError') {
            return undefined;
          }
          throw error;
        });
    if (!located) {
      return undefined;
    }
    const number =
      request.pullRequest?.number ??
      (
        await located.forge.findPull({
          repository: located.repository,
          baseBranch: located.delivery.baseBranch,
          branch: branchOf(request.id, request.stage),
        })
      )?.number;
    return number === undefined ? undefined : { located, number };
  }

  /** What cannot be taken up stays what it was. */
  async #putBack(
    { request: { id, state, waitingFor } }: RequestRecord,
    { message }: Error,
  ) {
    const record = await this.#store.get(id);
    if (record?.request.state === 'submitting') {
      await this.#store.update(
        { ...record, request: { ...record.request, state, waitingFor } },
        [{ state, at: new Date().toISOString(), source: 'portal', message }],
      );
    }
  }

  async #write(
    record: RequestRecord,
    event: Omit<RequestEvent, 'at'>,
    options?: { claim?: boolean; isFinal?: boolean },
  ): Promise<StorageRequest> {
    const now = new Date().toISOString();
    const updated = await this.#store.update(
      { ...record, movedAt: now },
      [{ ...event, at: now }],
      options,
    );
    if (!updated) {
      throw new ConflictError(
        `The request for ${record.request.subject.name} has changed meanwhile: look at it again`,
      );
    }
    await this.#notifier.changed(updated.request, { hasMoved: true });
    return updated.request;
  }
}

function requireAuthor(
  { requestedBy }: StorageRequest,
  actor: string,
  what: string,
) {
  if (requestedBy !== actor) {
    throw new NotAllowedError(
      `Only ${requestedBy}, who asked, may ${what} this request: ask them`,
    );
  }
}

function isOpen({ state }: StorageRequest): boolean {
  return ['submitting', 'proposed', 'merged', 'applied'].includes(state);
}

function linkOf({ pullRequest }: StorageRequest): RequestEvent['link'] {
  return (
    pullRequest && {
      title: `Pull request #${pullRequest.number}`,
      url: pullRequest.url,
    }
  );
}

function createMergedError({ pullRequest, subject }: StorageRequest) {
  return new ConflictError(
    `Pull request ${
      pullRequest ? `#${pullRequest.number} ` : ''
    }was merged meanwhile, so it will be done for ${subject.type} ${
      subject.name
    }: it cannot be withdrawn any more`,
  );
}

/** What an earlier stage has done is done. */
function createStageError({ earlier, subject }: StorageRequest) {
  return new ConflictError(
    `Pull request #${
      earlier?.at(-1)?.number
    } of this request is in effect for ${subject.type} ${
      subject.name
    }, so the request cannot be withdrawn any more: merge the one that is open, or close it and ask for the end of the access`,
  );
}

function createEndedError(request: StorageRequest): ConflictError {
  return ['merged', 'applied', 'ready'].includes(request.state)
    ? createMergedError(request)
    : new ConflictError(
        `The request for ${request.subject.name} has ended already: look at it again`,
      );
}
