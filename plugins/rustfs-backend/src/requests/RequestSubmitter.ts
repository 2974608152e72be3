import { assertError, ConflictError } from '@backstage/errors';
import {
  PortalLinks,
  Problem,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketChange,
  plan,
  Refusal,
  refreshChange,
  submitChange,
  SubmitOptions,
  SubmitResult,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { createInputError } from '../errors';
import { DatabaseLocks, RequestRecord, RequestStore } from '../ledger';
import { describeProblem } from './describeProblem';
import { RequestNotifier } from './RequestNotifier';
import { LocatedTarget, RequestTargets } from './RequestTargets';

/** What came of an attempt to open the pull request of a request. */
export type SubmitOutcome =
  /** Open, or kept for the next attempt with its problem named. */
  | { outcome: 'kept'; record: RequestRecord }
  /** It can never be opened; nothing was made. */
  | { outcome: 'refused'; error: Error };

/** Opens the pull request of a request, and renders it again when its base has moved. */
export class RequestSubmitter {
  readonly #links: PortalLinks | undefined;
  readonly #locks: DatabaseLocks;
  readonly #notifier: RequestNotifier;
  readonly #store: RequestStore;
  readonly #targets: RequestTargets;

  constructor(options: {
    /** For links in pull requests. */
    links?: PortalLinks;
    locks: DatabaseLocks;
    notifier: RequestNotifier;
    store: RequestStore;
    targets: RequestTargets;
  }) {
    this.#locks = options.locks;
    this.#notifier = options.notifier;
    this.#links = options.links;
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
   * Brings an open pull request to the current base if a file that it edits has changed there: its number and discussion
   * stay. Nothing is written while another replica does the same.
   *
   * @returns why that cannot be done, if so
   */
  async refresh(record: RequestRecord): Promise<Problem | undefined> {
    const { id, input, pullRequest } = record.request;
    const { delivery } = record;
    if (!delivery || !pullRequest) {
      return undefined;
    }
    const { forgeUrl } = this.#targets.open(input.tenant, delivery);
    try {
      const located = await this.#targets.reopen(input.tenant, delivery);
      const locked = await this.#locks.run(
        { key: `request:${id}`, waitMs: 0 },
        () =>
          refreshChange({
            ...this.#toSubmission(record, located),
            pull: pullRequest.number,
          }),
      );
      return locked.taken
        ? describeDeadEnd(record.request, locked.result)
        : undefined;
    } catch (error) {
      assertError(error);
      return describeProblem(error, {
        code: 'forge-unreachable',
        part: forgeUrl,
      });
    }
  }

  /** The change that a request stands for. */
  toChange(request: StorageRequest): BucketChange {
    const { input } = request;
    return {
      kind: 'bucket',
      requestId: request.id,
      createdAt: request.createdAt,
      bucket: input.bucket,
      entityRef: request.entityRef,
      owner: request.owner,
      requestedBy: request.requestedBy,
      purpose: input.purpose,
      dataClass: input.dataClass,
      quota: input.quota,
      versioning: input.versioning,
      objectLock: input.objectLock,
      portalUrl: this.#links?.requestUrl(request.id),
    };
  }

  async #propose(record: RequestRecord): Promise<SubmitOutcome> {
    const { request } = record;
    const { tenant } = request.input;
    let located: LocatedTarget | undefined;
    try {
      located = await this.#targets.locate(tenant);
      const result = await submitChange(this.#toSubmission(record, located));
      const isRefused =
        result.outcome === 'unchanged' || result.outcome === 'refused';
      if (isRefused && !result.open) {
        return { outcome: 'refused', error: explainRefusal(request, result) };
      }
      // What became of one that was opened before, and not written down, the next look at it says.
      const { number, url } = isRefused ? result.open! : result;
      const link = { title: `Pull request #${number}`, url };
      const now = new Date().toISOString();
      const updated = await this.#store.update(
        {
          ...record,
          movedAt: now,
          delivery: located.delivery,
          request: {
            ...request,
            state: 'proposed',
            waitingFor: 'A review, and to be merged',
            stalled: undefined,
            problems: [],
            pullRequest: {
              number,
              url,
              state: 'open',
              reviewers: record.reviewers,
            },
          },
        },
        [
          {
            state: 'proposed',
            at: now,
            source: 'forge',
            message: describeOpening(result),
            link,
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

  #toSubmission(record: RequestRecord, located: LocatedTarget): SubmitOptions {
    const change = this.toChange(record.request);
    return {
      forge: located.forge,
      repository: located.repository,
      folder: located.delivery.folder,
      baseBranch: located.delivery.baseBranch,
      reviewers: record.reviewers,
      render: snapshot => plan(change, snapshot, located.target),
    };
  }

  async #keep(
    record: RequestRecord,
    error: Error,
    located: LocatedTarget | undefined,
  ): Promise<RequestRecord> {
    const { request } = record;
    const problem: Problem = {
      ...describeProblem(
        error,
        located
          ? { code: 'forge-unreachable', part: located.forgeUrl }
          : {
              code: 'cluster-unreachable',
              part: request.input.tenant.split('/')[0],
            },
      ),
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
          waitingFor: `The pull request cannot be opened yet: ${error.message}`,
          problems: [problem],
        },
      },
      [],
    );
    return updated ?? record;
  }
}

/** Why a plan that changes nothing or was refused is no pull request. */
export function explainRefusal(
  request: Pick<StorageRequest, 'input'>,
  result: { outcome: 'unchanged' } | { outcome: 'refused'; reasons: Refusal[] },
): Error {
  const { bucket, tenant } = request.input;
  if (result.outcome === 'unchanged') {
    return new ConflictError(
      `Bucket ${bucket} is declared for ${tenant} in Git already: choose another name`,
    );
  }
  if (result.reasons.every(({ code }) => code === 'declared-otherwise')) {
    return new ConflictError(
      result.reasons.map(({ message }) => message).join('; '),
    );
  }
  return createInputError(
    result.reasons.map(({ field, message }) => ({
      field: field ?? 'bucket',
      message,
    })),
  );
}

/** An open pull request that cannot be merged any more, because of what else was merged meanwhile. */
function describeDeadEnd(
  request: StorageRequest,
  result: SubmitResult,
): Problem | undefined {
  if (result.outcome !== 'unchanged' && result.outcome !== 'refused') {
    return undefined;
  }
  return {
    code: 'request-outdated',
    part: request.input.tenant,
    message: `The pull request cannot be brought up to date: ${
      explainRefusal(request, result).message
    }`,
    hint: 'Close the pull request; then ask again with other values if the bucket is still needed.',
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
