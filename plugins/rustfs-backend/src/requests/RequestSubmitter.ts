import { assertError, ConflictError, NotFoundError } from '@backstage/errors';
import {
  ForeignCommit,
  Problem,
  RequestEvent,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  BranchTip,
  branchOf,
  describePullRequest,
  ForgeError,
  isPortalCommit,
  OpenPull,
  Refusal,
  refreshChange,
  submitChange,
  SubmitOptions,
  SubmitResult,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { createConflictError, createInputError } from '../errors';
import { DatabaseLocks, RequestRecord, RequestStore } from '../ledger';
import { describeProblem } from './describeProblem';
import { RequestNotifier } from './RequestNotifier';
import { RequestPlanner } from './RequestPlanner';
import { LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';
import { RoundFiles } from './RoundFiles';
import { SilentForges } from './SilentForges';

/** How long a decision of a person may wait for what the portal is doing with the request. */
const DECISION_WAIT_MS = 20_000;

/** What came of an attempt to open the pull request of a request. */
export type SubmitOutcome =
  /** Open, or kept for the next attempt with its problem named. */
  | { outcome: 'kept'; record: RequestRecord }
  /** It can never be opened; nothing was made. */
  | { outcome: 'refused'; error: Error };

/** Opens the pull request of a request, and renders it again when its base has moved. */
export class RequestSubmitter {
  readonly #locks: DatabaseLocks;
  readonly #notifier: RequestNotifier;
  readonly #planner: RequestPlanner;
  readonly #store: RequestStore;
  readonly #targets: RequestTargets;

  constructor(options: {
    locks: DatabaseLocks;
    notifier: RequestNotifier;
    planner: RequestPlanner;
    store: RequestStore;
    targets: RequestTargets;
  }) {
    this.#locks = options.locks;
    this.#notifier = options.notifier;
    this.#planner = options.planner;
    this.#store = options.store;
    this.#targets = options.targets;
  }

  /**
   * Opens the pull request of a request that has none. A request has one branch for life, so one lock per request makes
   * sure that each branch has one writer: two parallel calls would open two pull requests.
   *
   * @returns undefined when there is no such request
   */
  async submit(
    id: string,
    options: { waitMs: number },
  ): Promise<SubmitOutcome | undefined> {
    const locked = await this.#locks.run(
      { key: `request:${id}`, waitMs: options.waitMs },
      async () => {
        const record = await this.#store.get(id);
        return record?.request.state === 'submitting'
          ? this.#propose(record)
          : kept(record);
      },
    );
    return locked.taken ? locked.result : kept(await this.#store.get(id));
  }

  /**
   * Brings an open pull request to the current base if a file that it edits has changed there, or its Secrets are to be
   * others: its number and discussion stay. Nothing is written while another replica does the same, nor over a commit of somebody else.
   *
   * @returns the record as it is afterwards, with why that cannot be done, if so
   */
  async refresh(
    record: RequestRecord,
  ): Promise<{ record: RequestRecord; problem?: Problem }> {
    const { id, pullRequest, subject } = record.request;
    const { delivery } = record;
    if (!delivery || !pullRequest) {
      return { record };
    }
    const { forgeUrl } = this.#targets.open(subject.tenant, delivery);
    try {
      const located = await this.#locate(record, 'reopen');
      const locked = await this.#locks.run(
        { key: `request:${id}`, waitMs: 0 },
        async () => {
          const result = await refreshChange({
            ...this.#toSubmission(record, located),
            pull: pullRequest.number,
            rewrite: await this.#planner.hasOtherSecrets(
              record.request,
              located,
              { files: createFiles(), head: record.head },
            ),
          });
          return {
            record: await this.#keepHead(record, result),
            problem:
              describeWaiting(result, located) ??
              describeDeadEnd(record.request, result),
          };
        },
      );
      return locked.taken ? locked.result : { record };
    } catch (error) {
      assertError(error);
      return {
        record,
        problem: describeProblem(error, {
          code: 'forge-unreachable',
          part: forgeUrl,
        }),
      };
    }
  }

  /**
   * Whether the Secrets of an open pull request are to be others: for other readers, or those that the ledger has.
   *
   * @param options - `head`: the commit of its branch now
   * @throws ForgeError when that cannot be told
   */
  async hasOtherSecrets(
    { consumer, delivery, head, request }: RequestRecord,
    options: { head: string; files: RoundFiles },
  ): Promise<boolean> {
    const { tenant } = request.subject;
    return this.#planner.hasOtherSecrets(
      request,
      this.#targets.open(tenant, delivery!),
      {
        files: options.files,
        // It takes a look at the cluster of the workload.
        findNext: async () =>
          consumer && !consumer.access
            ? this.#targets.locateConsumer(tenant, consumer)
            : undefined,
        // In a commit of somebody else there may be what they like.
        head: options.head === head ? head : undefined,
      },
    );
  }

  /**
   * Finds out whose commit is on the branch of a request, when it is not the one that was kept.
   *
   * @returns what is to be kept of it
   */
  async inspect(
    record: RequestRecord,
  ): Promise<{ head?: string; foreignCommit?: ForeignCommit }> {
    const { delivery, head, request } = record;
    const located = this.#targets.open(request.subject.tenant, delivery!);
    const tip = await located.forge.readBranch(
      located.repository,
      branchOf(request.id, request.stage),
    );
    if (!tip || tip.commit === head) {
      return { head };
    }
    return this.#isOwn(record, tip, located)
      ? { head: tip.commit }
      : { head, foreignCommit: toForeign(tip, request.foreignCommit) };
  }

  /**
   * Replaces a commit of somebody else on the branch by what was asked for.
   *
   * @throws ConflictError when the branch has another commit by now, or the request has moved on
   */
  async replace(
    id: string,
    options: { commit: string; actor: string },
  ): Promise<RequestRecord> {
    const { commit, actor } = options;
    return this.locked(id, async record => {
      const { request } = record;
      if (request.foreignCommit?.commit !== commit || !record.delivery) {
        throw createMovedError(request);
      }
      const located = await this.#locate(record, 'reopen');
      const result = await submitChange({
        ...this.#toSubmission(record, located),
        pull: request.pullRequest?.number,
        overwrite: commit,
      });
      if (result.outcome === 'queued') {
        throw new ConflictError(
          `The pull request waits in the merge queue of ${located.delivery.baseBranch}, where its branch is left alone: take it out of the queue first`,
        );
      }
      if (result.outcome !== 'open') {
        throw result.outcome === 'unchanged' || result.outcome === 'refused'
          ? explainRefusal(request, result)
          : createMovedError(request);
      }
      return this.#write(
        {
          ...record,
          head: result.commit,
          request: {
            ...request,
            state: 'proposed',
            foreignCommit: undefined,
            problems: [],
            waitingFor: 'A review, and to be merged',
            pullRequest: {
              reviewers: record.reviewers,
              ...request.pullRequest,
              number: result.number,
              url: result.url,
              state: 'open',
            },
          },
        },
        {
          state: 'proposed',
          source: 'portal',
          actor,
          message: `Proposed anew, without commit ${shorten(commit)} of ${
            request.foreignCommit.by
          }`,
          link: toLink(result),
        },
      );
    });
  }

  /**
   * Runs work on a request as the only writer of it.
   *
   * @throws NotFoundError when it is not there, ConflictError when another writer is at work for too long
   */
  async locked<T>(
    id: string,
    work: (record: RequestRecord) => Promise<T>,
  ): Promise<T> {
    const locked = await this.#locks.run(
      { key: `request:${id}`, waitMs: DECISION_WAIT_MS },
      async () => {
        const record = await this.#store.get(id);
        if (!record) {
          throw new NotFoundError(`No request ${id}: it was refused meanwhile`);
        }
        return work(record);
      },
    );
    if (!locked.taken) {
      throw new ConflictError(
        'The portal is at work on this request just now: try again in a minute',
      );
    }
    return locked.result;
  }

  async #propose(record: RequestRecord): Promise<SubmitOutcome> {
    const { request } = record;
    let located: LocatedTarget | undefined;
    try {
      located = await this.#locate(record, 'locate');
      await this.#keepMerged(record);
      const known = request.pullRequest;
      const result = await submitChange({
        ...this.#toSubmission(record, located),
        pull: known?.number,
        // Only somebody who takes a closed one up again sends it here.
        reopen: known?.state === 'closed',
      });
      const isRefused =
        result.outcome === 'unchanged' || result.outcome === 'refused';
      if (result.outcome === 'unchanged' && !result.open && request.stage > 1) {
        return { outcome: 'kept', record: await this.#finish(record) };
      }
      if (isRefused && !result.open) {
        const waiting = describeWaiting(result, located);
        if (waiting) {
          return {
            outcome: 'kept',
            record: await this.#keepProblem(record, waiting),
          };
        }
        return { outcome: 'refused', error: explainRefusal(request, result) };
      }
      if (result.outcome === 'foreign' && !result.open) {
        return {
          outcome: 'kept',
          record: await this.#keepForeign(record, result.tip, located),
        };
      }
      // What became of one that was opened before, and not written down, the next look at it says.
      const pull = isRefused ? result.open! : openPullOf(result);
      const now = new Date().toISOString();
      const { forge, repository, delivery } = located;
      const updated = await this.#store.update(
        {
          ...record,
          movedAt: now,
          delivery,
          head: result.outcome === 'open' ? result.commit : record.head,
          request: {
            ...request,
            state: 'proposed',
            waitingFor: 'A review, and to be merged',
            stalled: undefined,
            problems: [],
            foreignCommit:
              result.outcome === 'foreign'
                ? toForeign(result.tip, request.foreignCommit)
                : undefined,
            source: {
              repository,
              branch: delivery.baseBranch,
              path: delivery.folder,
              url: forge
                .pagesOf(pull)
                .folder(delivery.baseBranch, delivery.folder),
            },
            pullRequest: {
              reviewers: record.reviewers,
              ...known,
              ...pull,
              state: 'open',
            },
          },
        },
        [
          {
            state: 'proposed',
            at: now,
            source: 'forge',
            message: known
              ? 'The pull request was opened again'
              : describeOpening(result),
            link: toLink(pull),
          },
        ],
      );
      if (!updated) {
        // The follower wrote to the row meanwhile; the next attempt finds the open pull request.
        return { outcome: 'kept', record };
      }
      await this.#notifier.changed(updated.request, { hasMoved: true });
      return { outcome: 'kept', record: updated };
    } catch (error) {
      assertError(error);
      if (error.name === 'InputError' || error.name === 'ConflictError') {
        return { outcome: 'refused', error };
      }
      return {
        outcome: 'kept',
        record: await this.#keep(record, error, located),
      };
    }
  }

  /**
   * Where the stage of a request is declared.
   *
   * @param how - `locate`: with the proof that it is understood; `reopen`: where it was proposed, as that is now
   */
  async #locate(
    { consumer, delivery, request }: RequestRecord,
    how: 'locate' | 'reopen',
  ): Promise<LocatedTarget> {
    const { tenant } = request.subject;
    if (consumer && request.stage > 1) {
      return this.#targets.locateConsumer(tenant, consumer, delivery);
    }
    const located =
      how === 'reopen' && delivery
        ? await this.#targets.reopen(tenant, delivery)
        : await this.#targets.locate(tenant, {
            known: delivery,
            place: this.#planner.placeOf(request),
          });
    return consumer
      ? {
          ...located,
          target: { ...located.target, consumers: 'elsewhere' },
          // The end of an access waits for no other place, and needs no key there.
          next: consumer.access
            ? undefined
            : await this.#targets.locateConsumer(tenant, consumer),
        }
      : located;
  }

  /**
   * A later stage hands over the key that was merged with the first one, and no other.
   *
   * @throws ConflictError when that cannot be
   */
  async #keepMerged({
    before,
    consumer,
    request,
  }: RequestRecord): Promise<void> {
    // The end of an access hands nothing over.
    if (before && consumer && !consumer.access) {
      const { delivery, mergeCommit } = before;
      const located = this.#targets.open(request.subject.tenant, delivery);
      await this.#planner.keepMerged(request, located, mergeCommit);
    }
  }

  /** A last stage that finds nothing to do: the Secret is in Git, or out of it, already. */
  async #finish(record: RequestRecord): Promise<RequestRecord> {
    const now = new Date().toISOString();
    const updated = await this.#store.update(
      {
        ...record,
        movedAt: now,
        request: {
          ...record.request,
          state: 'ready',
          waitingFor: undefined,
          stalled: undefined,
          problems: [],
        },
      },
      [
        {
          state: 'ready',
          at: now,
          source: 'forge',
          message:
            'Git has nothing to change for the Secret of the workload: it is as asked already',
        },
      ],
    );
    if (updated) {
      await this.#notifier.changed(updated.request, { hasMoved: true });
    }
    return updated ?? record;
  }

  /** Writes a step that a person has taken, and tells it. */
  async #write(
    record: RequestRecord,
    event: Omit<RequestEvent, 'at'>,
  ): Promise<RequestRecord> {
    const now = new Date().toISOString();
    const updated = await this.#store.update({ ...record, movedAt: now }, [
      { ...event, at: now },
    ]);
    if (!updated) {
      throw createMovedError(record.request);
    }
    await this.#notifier.changed(updated.request, { hasMoved: true });
    return updated;
  }

  #isOwn(record: RequestRecord, tip: BranchTip, { target }: LocatedTarget) {
    return isPortalCommit(
      tip,
      describePullRequest(this.#planner.toChange(record.request), target),
    );
  }

  /** Keeps the commit that was written, so that any other is known for somebody else's. */
  async #keepHead(
    record: RequestRecord,
    result: SubmitResult,
  ): Promise<RequestRecord> {
    // One that was found and not written may be somebody else's.
    if (result.outcome !== 'open' || !result.rewritten) {
      return record;
    }
    // What cannot be kept now, the next look at the branch finds.
    return (
      (await this.#store.update({ ...record, head: result.commit }, [])) ??
      record
    );
  }

  /** Somebody has made the branch of a request before its pull request could be opened. */
  async #keepForeign(
    record: RequestRecord,
    tip: BranchTip,
    { delivery, forgeUrl }: LocatedTarget,
  ): Promise<RequestRecord> {
    const { request } = record;
    const foreignCommit = toForeign(tip, request.foreignCommit);
    if (request.foreignCommit?.commit === foreignCommit.commit) {
      return record;
    }
    const problem = describeForeign(foreignCommit, forgeUrl);
    const updated = await this.#store.update(
      {
        ...record,
        delivery,
        request: {
          ...request,
          foreignCommit,
          waitingFor: problem.message,
          problems: [problem],
        },
      },
      [],
    );
    return updated ?? record;
  }

  #toSubmission(record: RequestRecord, located: LocatedTarget): SubmitOptions {
    return {
      forge: located.forge,
      repository: located.repository,
      folder: located.reads,
      baseBranch: located.delivery.baseBranch,
      reviewers: record.reviewers,
      head: record.head,
      render: snapshot =>
        this.#planner.render(record.request, located, snapshot),
    };
  }

  async #keep(
    record: RequestRecord,
    error: Error,
    located: LocatedTarget | undefined,
  ): Promise<RequestRecord> {
    const { request } = record;
    // What is away and no forge is what seals Secrets.
    const isForge =
      located &&
      (error instanceof ForgeError || error.name !== 'ServiceUnavailableError');
    return this.#keepProblem(
      record,
      describeProblem(
        error,
        isForge
          ? { code: 'forge-unreachable', part: located.forgeUrl }
          : {
              code: 'cluster-unreachable',
              part:
                record.consumer && request.stage > 1
                  ? record.consumer.cluster
                  : request.subject.tenant.split('/')[0],
            },
      ),
    );
  }

  async #keepProblem(
    record: RequestRecord,
    found: Problem,
  ): Promise<RequestRecord> {
    const { request } = record;
    const problem: Problem = {
      ...found,
      hint: 'The request is kept; the portal opens the pull request as soon as it can.',
    };
    if (request.problems[0]?.message === problem.message) {
      return record;
    }
    const updated = await this.#store.update(
      {
        ...record,
        request: {
          ...request,
          waitingFor: `The pull request cannot be opened yet: ${problem.message}`,
          problems: [problem],
        },
      },
      [],
    );
    return updated ?? record;
  }
}

/** For a look that counts: nothing is taken from before. */
function createFiles(): RoundFiles {
  return new RoundFiles({
    forges: new SilentForges({ now: () => new Date() }),
  });
}

/** Why a plan that changes nothing or was refused is no pull request. */
export function explainRefusal(
  { subject }: Pick<StorageRequest, 'subject'>,
  result: { outcome: 'unchanged' } | { outcome: 'refused'; reasons: Refusal[] },
): Error {
  const { name, tenant, type } = subject;
  if (result.outcome === 'unchanged') {
    return createConflictError([
      {
        field: type === 'setup' ? 'tenant' : type,
        message: `Git declares ${type} ${name} for ${tenant} like this already: choose another name, or other settings`,
      },
    ]);
  }
  const issues = result.reasons.map(({ field, message }) => ({
    // A setup is of the tenant as a whole.
    field: field ?? (type === 'setup' ? 'tenant' : type),
    message,
  }));
  return result.reasons.every(({ code }) => code === 'declared-otherwise')
    ? createConflictError(issues)
    : createInputError(issues);
}

function openPullOf(
  result: Exclude<SubmitResult, { outcome: 'unchanged' | 'refused' }>,
): OpenPull {
  const { number, url } = result.outcome === 'foreign' ? result.open! : result;
  return { number, url };
}

function toLink({ number, url }: OpenPull): RequestEvent['link'] {
  return { title: `Pull request #${number}`, url };
}

function toForeign(
  tip: BranchTip,
  known: ForeignCommit | undefined,
): ForeignCommit {
  return {
    commit: tip.commit,
    by: tip.committer.name,
    isKept: known?.commit === tip.commit && known.isKept,
  };
}

function shorten(commit: string): string {
  return commit.slice(0, 7);
}

function createMovedError({ subject }: StorageRequest): ConflictError {
  return new ConflictError(
    `The request for ${subject.name} has changed meanwhile: look at it again`,
  );
}

/** A branch that cannot be written, because of a commit that is not the portal's. */
function describeForeign(
  { by, commit, isKept }: ForeignCommit,
  part: string,
): Problem {
  return {
    code: 'branch-foreign',
    part,
    message: `The branch of this request has commit ${shorten(
      commit,
    )} of ${by}, and the portal does not write over it`,
    hint: isKept
      ? 'Resolve the conflict in the pull request, or have the request proposed anew, without that commit.'
      : 'The one who asked, or the platform team, decides here: keep the commit, or have the request proposed anew without it.',
  };
}

/** What has to be mended elsewhere first; undefined where that is not all that is in the way. */
function describeWaiting(
  result: SubmitResult,
  { cluster, target }: Pick<LocatedTarget, 'cluster' | 'target'>,
): Problem | undefined {
  if (
    result.outcome !== 'refused' ||
    !result.reasons.every(({ waits }) => waits)
  ) {
    return undefined;
  }
  return {
    code: 'secret-waiting',
    part: cluster ?? target.tenant.cluster,
    message: result.reasons.map(({ message }) => message).join('; '),
    hint: 'It goes on by itself as soon as that is mended.',
  };
}

/** An open pull request that cannot be brought up to date, because of what else was merged or written meanwhile. */
function describeDeadEnd(
  request: StorageRequest,
  result: SubmitResult,
): Problem | undefined {
  if (result.outcome === 'foreign') {
    return describeForeign(
      toForeign(result.tip, request.foreignCommit),
      request.subject.tenant,
    );
  }
  if (result.outcome !== 'unchanged' && result.outcome !== 'refused') {
    return undefined;
  }
  return {
    code: 'request-outdated',
    part: request.subject.tenant,
    message: `The pull request cannot be brought up to date: ${
      explainRefusal(request, result).message
    }`,
    hint:
      request.stage > 1
        ? 'Have what the message names put back as it was; or close the pull request, ask for the end of the access, and then for a new one.'
        : 'Withdraw the request; then ask again with other values if it is still needed.',
  };
}

function describeOpening(result: SubmitResult): string {
  const notAsked = result.outcome === 'open' ? result.notAsked : [];
  return [
    'Pull request opened',
    ...notAsked.map(
      ({ reviewer, reason }) =>
        `${reviewer} could not be asked for a review: ${reason}`,
    ),
  ].join('; ');
}

function kept(record: RequestRecord | undefined): SubmitOutcome | undefined {
  return record && { outcome: 'kept', record };
}
