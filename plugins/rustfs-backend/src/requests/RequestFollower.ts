import { isDeepStrictEqual } from 'node:util';
import { LoggerService } from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import {
  ForeignCommit,
  Problem,
  PullRequestRemark,
  RequestEvent,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import pLimit from 'p-limit';
import { RequestsConfig } from '../config';
import { commitOf, GitOpsEngines } from '../gitops';
import { Inventory } from '../inventory';
import { RequestRecord, RequestStore } from '../ledger';
import { SecretVerdicts } from '../secrets';
import { SettingsStore } from '../settings';
import { shuffle } from '../shuffle';
import { Derived, deriveState } from './deriveState';
import { describeProblem } from './describeProblem';
import { describeStall } from './describeStall';
import { describeBypass } from './describeBypass';
import { Observations, PullObservation } from './observations';
import { KnownCommits } from './KnownCommits';
import { KnownPulls } from './KnownPulls';
import { KeptPolicy, PolicyKeeper } from './PolicyKeeper';
import { RenderTurns } from './RenderTurns';
import { RequestDecisions } from './RequestDecisions';
import { RequestKinds } from './RequestKinds';
import { RequestNotifier } from './RequestNotifier';
import { hasMovingPull, RequestObserver } from './RequestObserver';
import { RequestSubmitter } from './RequestSubmitter';
import { RequestTargets } from './RequestTargets';
import { RoundFiles } from './RoundFiles';
import { RoundPlan, RoundPlans, RoundResult } from './RoundPlans';
import { SilentForges } from './SilentForges';
import { withPolicy } from './withPolicy';

/** Who says how far a delivery is. */
function engineOf({ delivery }: Observations): string | undefined {
  return delivery && 'engine' in delivery ? delivery.engine : undefined;
}

/** Requests that are looked at in parallel. */
const PARALLEL = 4;

/** A request that ended is mended or opened again soon or hardly ever: from then on it is looked at by `followEnded`. */
const FRESH_MS = 60 * 60 * 1_000;

/** What the settings task has said, and a way to have it set some buckets before their time. */
export interface FollowedSettings extends Pick<SettingsStore, 'read'> {
  /** @param buckets - by tenant ref: those that requests wait for */
  settleNow(
    buckets: Map<string, Set<string>>,
    signal?: AbortSignal,
  ): Promise<void>;
}

/** Moves requests along: looks, derives, writes down, tells. One round of a kind at a time in the whole deployment. */
export class RequestFollower {
  readonly #config: RequestsConfig;
  readonly #decisions: Pick<RequestDecisions, 'supersede'>;
  readonly #engines: GitOpsEngines;
  readonly #inventory: Pick<
    Inventory,
    'observePlace' | 'observeTenant' | 'clientFor' | 'invalidate'
  >;
  readonly #kinds: RequestKinds;
  readonly #logger: LoggerService;
  readonly #notifier: Pick<
    RequestNotifier,
    'changed' | 'changesRequested' | 'approvalNeeded'
  >;
  readonly #now: () => Date;
  readonly #commits: KnownCommits;
  readonly #pulls: KnownPulls;
  readonly #plans: Pick<RoundPlans, 'all' | 'told'>;
  readonly #policies: Pick<PolicyKeeper, 'keep'>;
  readonly #secrets?: Pick<SecretVerdicts, 'startRound'>;
  readonly #settings: FollowedSettings;
  readonly #store: RequestStore;
  readonly #submitter: Pick<
    RequestSubmitter,
    'submit' | 'refresh' | 'inspect' | 'hasOtherSecrets'
  >;
  readonly #targets: Pick<RequestTargets, 'open'>;

  constructor(options: {
    config: RequestsConfig;
    decisions: Pick<RequestDecisions, 'supersede'>;
    /** By default those of the portal. */
    engines?: GitOpsEngines;
    inventory: Pick<
      Inventory,
      'observePlace' | 'observeTenant' | 'clientFor' | 'invalidate'
    >;
    kinds: RequestKinds;
    logger: LoggerService;
    notifier: Pick<
      RequestNotifier,
      'changed' | 'changesRequested' | 'approvalNeeded'
    >;
    now?: () => Date;
    plans: Pick<RoundPlans, 'all' | 'told'>;
    policies: Pick<PolicyKeeper, 'keep'>;
    /** What controllers say of Secrets; by default nothing. */
    secrets?: Pick<SecretVerdicts, 'startRound'>;
    settings: FollowedSettings;
    store: RequestStore;
    submitter: Pick<
      RequestSubmitter,
      'submit' | 'refresh' | 'inspect' | 'hasOtherSecrets'
    >;
    targets: Pick<RequestTargets, 'open'>;
  }) {
    this.#config = options.config;
    this.#decisions = options.decisions;
    this.#engines = options.engines ?? new GitOpsEngines();
    this.#inventory = options.inventory;
    this.#kinds = options.kinds;
    this.#logger = options.logger;
    this.#notifier = options.notifier;
    this.#now = options.now ?? (() => new Date());
    this.#commits = new KnownCommits({ now: this.#now });
    this.#pulls = new KnownPulls({ now: this.#now });
    this.#plans = options.plans;
    this.#policies = options.policies;
    this.#secrets = options.secrets;
    this.#settings = options.settings;
    this.#store = options.store;
    this.#submitter = options.submitter;
    this.#targets = options.targets;
  }

  /**
   * One round over the open requests, and those that failed, were closed or withdrawn just now, as far as it is their turn. A
   * request that cannot be followed does not stop the others.
   */
  async follow(signal?: AbortSignal): Promise<void> {
    await this.#followPlan(await this.#plans.all(await this.#list()), signal);
  }

  /** One round over the requests alone that webhooks told of. */
  async followTold(signal?: AbortSignal): Promise<void> {
    await this.#followPlan(await this.#plans.told(await this.#list()), signal);
  }

  #list(): Promise<RequestRecord[]> {
    return this.#store.listFollowed({
      endedSince: this.#timeBefore(this.#freshMs()),
    });
  }

  async #followPlan(plan: RoundPlan, signal?: AbortSignal): Promise<void> {
    const { result, toSettle } = await this.#followAll(plan, signal);
    // One that was ended before its time, too, has looked at something.
    await plan.finish(result);
    await this.#settle(toSettle, signal);
  }

  /** One round over the requests that failed, were closed or withdrawn some time ago; they are many, and hardly one moves again. */
  async followEnded(signal?: AbortSignal): Promise<void> {
    const since = this.#timeBefore(this.#config.followEndedFor);
    // Nobody looks at those any more, so nothing goes on with it.
    await this.#store.forgetSecrets({ endedBefore: since });
    const records = await this.#store.listEnded({
      since,
      until: this.#timeBefore(this.#freshMs()),
    });
    const { toSettle } = await this.#followAll(
      { records, told: new Set(), shaken: new Set() },
      signal,
    );
    await this.#settle(toSettle, signal);
  }

  async #settle(
    toSettle: Map<string, Set<string>>,
    signal?: AbortSignal,
  ): Promise<void> {
    if (toSettle.size > 0) {
      await this.#settings.settleNow(toSettle, signal);
    }
  }

  #freshMs(): number {
    return Math.min(FRESH_MS, this.#config.followEndedFor);
  }

  #timeBefore(milliseconds: number): string {
    return new Date(this.#now().getTime() - milliseconds).toISOString();
  }

  async #followAll(
    { records, shaken, told }: Pick<RoundPlan, 'records' | 'shaken' | 'told'>,
    signal?: AbortSignal,
  ): Promise<{
    result: RoundResult;
    /** Buckets that requests wait for, by tenant. */
    toSettle: Map<string, Set<string>>;
  }> {
    const forges = new SilentForges({ now: this.#now });
    const observer = new RequestObserver({
      commits: this.#commits,
      engines: this.#engines,
      forges,
      inventory: this.#inventory,
      kinds: this.#kinds,
      now: this.#now,
      pulls: this.#pulls.startRound(forges),
      secrets: this.#secrets?.startRound(),
      settings: this.#settings,
      shaken,
      targets: this.#targets,
      told,
    });
    const moved = new Set<string>();
    const touched = new Set<string>();
    const unread = new Set(records.map(({ request }) => request.id));
    const unreached = new Set(unread);
    const toSettle = new Map<string, Set<string>>();
    const files = new RoundFiles({ forges });
    const turns = new RenderTurns();
    const limit = pLimit(PARALLEL);
    await Promise.all(
      inTurn(records).map(record =>
        limit(async () => {
          if (signal?.aborted) {
            return;
          }
          const { request } = record;
          unreached.delete(request.id);
          try {
            const { hasMoved, seen } = await this.#followOne(record, {
              files,
              forges,
              observer,
              turns,
            });
            if (hasMoved) {
              moved.add(request.id);
            }
            const pull = seen?.pull;
            if (pull && isTouched(record, pull)) {
              touched.add(request.id);
            }
            // Whether it is in conflict is what the news is about.
            const isUnsure = shaken.has(request.id) && pull?.isUnsure;
            if (!isUnsure && (pull || !hasMovingPull(request))) {
              unread.delete(request.id);
            }
            const bucket = seen?.server?.toSettle;
            if (bucket) {
              const { tenant } = request.subject;
              const buckets = toSettle.get(tenant) ?? new Set();
              toSettle.set(tenant, buckets.add(bucket));
            }
          } catch (error) {
            assertError(error);
            this.#logger.error(`Could not follow request ${request.id}`, error);
          }
        }),
      ),
    );
    return { result: { moved, touched, unread, unreached }, toSettle };
  }

  /** Ends the requests whose place a proposed one takes; what cannot be ended now, the next round ends. */
  async #endSuperseded(record: RequestRecord): Promise<RequestRecord> {
    if (!record.superseded?.length) {
      return record;
    }
    for (const id of record.superseded) {
      await this.#decisions.supersede(id, record.request);
    }
    return (
      (await this.#store.update({ ...record, superseded: undefined }, [])) ??
      record
    );
  }

  async #followOne(
    found: RequestRecord,
    round: {
      files: RoundFiles;
      forges: SilentForges;
      observer: RequestObserver;
      turns: RenderTurns;
    },
  ): Promise<{ hasMoved: boolean; seen?: Observations }> {
    if (found.request.state === 'submitting') {
      await this.#submitAgain(found, round.forges);
    } else if (found.delivery) {
      const record = await this.#endSuperseded(found);
      const observations = await round.observer.observe(record);
      const { pull, problems } = observations;
      const looked = await this.#lookAtBranch(record, pull);
      const rendering = looked.problem
        ? 'not'
        : await this.#whenToRender(looked.record, pull, round);
      const refreshed =
        rendering === 'now'
          ? await this.#submitter.refresh(looked.record)
          : undefined;
      const written = refreshed?.record.head;
      if (written && written !== looked.record.head) {
        round.observer.noteWritten(record, written);
      }
      const problem =
        looked.problem ??
        refreshed?.problem ??
        // As long as it is not tried again, that is what is known.
        (rendering === 'later' ? findDeadEnd(record) : undefined);
      const current = refreshed?.record ?? looked.record;
      const kept = await this.#keepPolicy(current, pull, {
        ...round,
        // What was seen was about the commit before.
        isOutdated:
          current.head !== looked.record.head || Boolean(looked.problem),
      });
      // A merge is not passed by before it is known whether it was approved.
      const isHeld =
        pull?.state === 'merged' && kept !== undefined && !kept.policy;
      const hasMoved = await this.#move(
        kept?.record ?? current,
        {
          ...observations,
          pull: isHeld ? undefined : pull && withPolicy(pull, kept?.policy),
          problems: [
            ...problems,
            ...(problem ? [problem] : []),
            ...(kept?.problems ?? []),
          ],
        },
        {
          foreignCommit: looked.foreignCommit,
          kept,
          isRecordNew:
            (current.version === record.version &&
              current.head !== record.head) ||
            (kept !== undefined && kept.record !== current),
        },
      );
      return { hasMoved, seen: observations };
    }
    return { hasMoved: false };
  }

  /** What the approvals come to; undefined when there is no pull request to be judged, or its branch is new. */
  async #keepPolicy(
    record: RequestRecord,
    pull: Observations['pull'],
    round: { forges: SilentForges; isOutdated: boolean },
  ): Promise<KeptPolicy | undefined> {
    return pull && pull.state !== 'closed' && !round.isOutdated
      ? this.#policies.keep(record, pull, round)
      : undefined;
  }

  /** Whether an open pull request is to be rendered again, and in this round. */
  async #whenToRender(
    record: RequestRecord,
    pull: Observations['pull'],
    { files, turns }: { files: RoundFiles; turns: RenderTurns },
  ): Promise<'now' | 'later' | 'not'> {
    if (pull?.state !== 'open') {
      return 'not';
    }
    if (pull.isStale) {
      return turns.take(record.delivery!.repository, {
        isApproved: pull.approvals.length > 0,
        isDeadEnd: findDeadEnd(record) !== undefined,
      })
        ? 'now'
        : 'later';
    }
    // A forge that cannot tell now is asked again in the next round.
    const hasOthers = await this.#submitter
      .hasOtherSecrets(record, { files, head: pull.head })
      .catch(() => false);
    return hasOthers ? 'now' : 'not';
  }

  /** Whose commit the branch of a pull request has, or had when it was merged. It is asked only when it is another than before. */
  async #lookAtBranch(
    record: RequestRecord,
    pull: Observations['pull'],
  ): Promise<{
    record: RequestRecord;
    foreignCommit?: ForeignCommit;
    problem?: Problem;
  }> {
    const { foreignCommit } = record.request;
    if (
      !pull ||
      pull.state === 'closed' ||
      pull.head === foreignCommit?.commit
    ) {
      return { record, foreignCommit };
    }
    if (pull.head === record.head) {
      return { record };
    }
    try {
      const seen = await this.#submitter.inspect(record);
      return {
        record: { ...record, head: seen.head },
        foreignCommit: seen.foreignCommit,
      };
    } catch (error) {
      assertError(error);
      const part = record.delivery!.repository;
      return {
        record,
        foreignCommit,
        problem: describeProblem(error, { code: 'forge-unreachable', part }),
      };
    }
  }

  async #submitAgain(record: RequestRecord, forges: SilentForges) {
    const { id } = record.request;
    const missed = findSilence(record);
    if (missed && forges.isSilent(missed.part)) {
      await this.#markStall(record);
      return;
    }
    const started = forges.start();
    const outcome = await this.#submitter.submit(id, { waitMs: 0 });
    if (outcome?.outcome === 'refused') {
      const current = await this.#store.get(id);
      if (current?.request.state === 'submitting') {
        await this.#save(
          current,
          failedByPortal(outcome.error, current.request, this.#now()),
          {
            observations: { problems: [] },
          },
        );
      }
    } else if (outcome) {
      const problem = findSilence(outcome.record);
      if (problem) {
        forges.note(problem.part, { started, message: problem.message });
      }
      await this.#markStall(outcome.record);
    }
  }

  async #move(
    record: RequestRecord,
    observations: Observations,
    seen: {
      foreignCommit?: ForeignCommit;
      kept?: KeptPolicy;
      isRecordNew: boolean;
    },
  ): Promise<boolean> {
    const { consumer, request } = record;
    const ready = this.#kinds.find(request.kind)?.words(request).ready;
    const engineAt =
      consumer && request.stage > 1
        ? consumer.cluster
        : request.subject.tenant.split('/')[0];
    const derived = deriveState(request, observations, {
      now: this.#now().toISOString(),
      names: {
        pull: request.pullRequest && {
          title: `Pull request #${request.pullRequest.number}`,
          url: request.pullRequest.url,
        },
        engine: `${this.#engines.titleOf(
          engineOf(observations),
        )} on ${engineAt}`,
        tenant: request.subject.tenant,
        ready,
        nextStage:
          request.stage < request.stages
            ? `${ready}; the Secret of the workload is next, in a pull request of its own`
            : undefined,
        revision: revision => this.#linkTo(record, revision),
      },
    });
    if (derived.state === 'proposed') {
      derived.events.push(...(seen.kept?.events ?? []));
    }
    await (derived.state === 'submitting'
      ? this.#save(
          toNextStage(record, derived.mergeCommit),
          { ...derived, mergeCommit: undefined, appliedRevision: undefined },
          { observations: { problems: [] } },
        )
      : this.#save(record, derived, { observations, ...seen }));
    return derived.state !== request.state;
  }

  #linkTo(
    { delivery, request }: RequestRecord,
    revision: string,
  ): RequestEvent['link'] {
    const commit = commitOf(revision);
    if (!commit || !delivery || !request.pullRequest) {
      return undefined;
    }
    const { forge } = this.#targets.open(request.subject.tenant, delivery);
    return {
      title: `Commit ${commit.slice(0, 7)}`,
      url: forge.pagesOf(request.pullRequest).commit(commit),
    };
  }

  /** Writes down what changed; a request that stands still costs no write. */
  async #save(
    record: RequestRecord,
    derived: Derived,
    seen: {
      observations: Observations;
      foreignCommit?: ForeignCommit;
      kept?: KeptPolicy;
      /** The record has something beside its request that is not in the ledger yet. */
      isRecordNew?: boolean;
    },
  ) {
    const { request } = record;
    const { problems, pull } = seen.observations;
    const { events, ...progress } = derived;
    const now = this.#now();
    const movedAt = events.length ? now.toISOString() : record.movedAt;
    const moved: StorageRequest = {
      ...request,
      ...progress,
      policy: seen.kept ? seen.kept.policy : request.policy,
      foreignCommit:
        progress.state === 'proposed' || progress.state === 'submitting'
          ? seen.foreignCommit
          : undefined,
      pullRequest: request.pullRequest && {
        ...request.pullRequest,
        ...pull?.shown,
      },
    };
    moved.problems = [
      // Nobody looks at a request that is ready any more, and what cannot be read now would be said of it for ever.
      ...(progress.state === 'ready' ? [] : problems),
      ...describeBypass(moved),
    ];
    moved.stalled = describeStall(moved.state, movedAt, now, this.#config);
    if (events.length === 0 && !seen.isRecordNew && isSame(moved, request)) {
      return;
    }
    const updated = await this.#store.update(
      { ...record, movedAt, request: moved },
      events,
    );
    if (updated) {
      this.#inventory.invalidate(request.subject.tenant);
      await this.#notifier.changed(updated.request, {
        hasMoved: events.length > 0,
      });
      if (hasNewObjection(request, updated.request)) {
        await this.#notifier.changesRequested(updated.request);
      }
      for (const foreign of seen.kept?.asked ?? []) {
        await this.#notifier.approvalNeeded(updated.request, foreign);
      }
    }
  }

  async #markStall(record: RequestRecord) {
    const { request } = record;
    if (request.state === 'submitting') {
      const { trail, ...progress } = request;
      await this.#save(
        record,
        { ...progress, events: [] },
        {
          observations: { problems: request.problems },
          foreignCommit: request.foreignCommit,
        },
      );
    }
  }
}

/** The forge that gave no answer when the pull request of a request was to be opened. */
function findSilence({ request }: RequestRecord) {
  return request.problems.find(({ code }) => code === 'forge-unreachable');
}

/** Why a pull request could not be brought up to date the last time. */
function findDeadEnd({ request }: RequestRecord): Problem | undefined {
  return request.problems.find(
    ({ code }) => code === 'request-outdated' || code === 'branch-foreign',
  );
}

/**
 * The order of a round: first what is not proposed yet, since people wait for it. Among the others a round may come to
 * its end before its last one, so that is another one every time.
 */
function inTurn(records: RequestRecord[]): RequestRecord[] {
  const isWaiting = ({ request }: RequestRecord) =>
    request.state === 'submitting';
  return [
    ...shuffle(records.filter(isWaiting)),
    ...shuffle(records.filter(record => !isWaiting(record))),
  ];
}

/**
 * Whether somebody has done to an open pull request what the ledger does not know of. What is there no more counts for nothing:
 * each commit that the portal writes takes it away.
 */
function isTouched(
  { head, request: { foreignCommit, pullRequest } }: RequestRecord,
  pull: PullObservation,
): boolean {
  const failing = (shown: PullObservation['shown'] | undefined) =>
    shown?.checks?.filter(({ state }) => state === 'failing') ?? [];
  const namesOf = (shown: PullObservation['shown'] | undefined) => [
    ...(shown?.approvedBy ?? []).map(login => `approved ${login}`),
    ...(shown?.changesRequestedBy ?? []).map(login => `objects ${login}`),
    ...failing(shown).map(({ name }) => `failing ${name}`),
  ];
  const known = new Set(namesOf(pullRequest));
  return (
    pull.state === 'open' &&
    ((head !== undefined &&
      pull.head !== head &&
      pull.head !== foreignCommit?.commit) ||
      namesOf(pull.shown).some(name => !known.has(name)))
  );
}

/** Whether a reviewer has asked for changes that the author does not know of. */
function hasNewObjection(
  { pullRequest: before }: StorageRequest,
  { pullRequest: now }: StorageRequest,
): boolean {
  const known = new Set(before?.changesRequestedBy);
  const remarkOf = ({ by, at, text }: PullRequestRemark) =>
    JSON.stringify([by, at, text]);
  const read = new Set(before?.remarks?.map(remarkOf));
  const objecting = now?.changesRequestedBy ?? [];
  return (
    objecting.some(login => !known.has(login)) ||
    Boolean(
      now?.remarks?.some(
        remark =>
          remark.verdict === 'changes-requested' &&
          objecting.includes(remark.by) &&
          !read.has(remarkOf(remark)),
      ),
    )
  );
}

/** Leaves the pull request that is in effect behind; the next one may be in another repository. */
function toNextStage(
  record: RequestRecord,
  mergeCommit: string | undefined,
): RequestRecord {
  const { earlier = [], pullRequest, source, ...request } = record.request;
  return {
    ...record,
    before:
      record.delivery && mergeCommit
        ? { delivery: record.delivery, mergeCommit }
        : undefined,
    delivery: undefined,
    head: undefined,
    isApproved: request.policy?.state === 'approved',
    request: {
      ...request,
      stage: request.stage + 1,
      earlier: pullRequest
        ? [
            ...earlier,
            {
              number: pullRequest.number,
              url: pullRequest.url,
              repository: source?.repository,
            },
          ]
        : earlier,
    },
  };
}

/** A request that was accepted and turned out to be impossible when its turn came. */
function failedByPortal(
  error: Error,
  { stage }: Pick<StorageRequest, 'stage'>,
  now: Date,
): Derived {
  if (stage > 1) {
    return {
      ...failedByPortal(error, { stage: 1 }, now),
      failure: {
        source: 'portal',
        reason: 'Refused',
        message: error.message,
        hint: 'What was merged before is in effect. Ask for the end of the access, which takes its key away; then ask again.',
      },
    };
  }
  const isTaken = error.name === 'ConflictError';
  return {
    state: 'failed',
    failure: {
      source: 'portal',
      reason: 'Refused',
      message: error.message,
      hint: isTaken
        ? 'No pull request was opened. Ask again with another name.'
        : 'No pull request was opened. Once what the message names is mended, ask again.',
      remedy: isTaken ? 'another-name' : 'ask-again',
    },
    events: [
      {
        state: 'failed',
        at: now.toISOString(),
        source: 'portal',
        message: error.message,
      },
    ],
  };
}

/** Compares what would be stored: a key that is undefined is the same as none. */
function isSame(a: StorageRequest, b: StorageRequest): boolean {
  const [stored, before] = [a, b].map(request =>
    JSON.parse(JSON.stringify(request)),
  );
  return isDeepStrictEqual(stored, before);
}
