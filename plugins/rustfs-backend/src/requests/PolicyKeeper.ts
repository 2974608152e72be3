import { isDeepStrictEqual } from 'node:util';
import { assertError, ServiceUnavailableError } from '@backstage/errors';
import {
  POLICY_STATUS,
  PortalLinks,
  Problem,
  RequestEvent,
  RequestPolicy,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  describeMissing,
  describePolicy,
  judgeApprovals,
  People,
  policyOf,
} from '../approvals';
import { isTrusted } from '../guardrails';
import { PolicyBasis, RequestRecord } from '../ledger';
import { describeProblem } from './describeProblem';
import { PullObservation } from './observations';
import { RequestContexts } from './RequestContexts';
import { RequestKinds } from './RequestKinds';
import { LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';
import { SilentForges } from './SilentForges';

/** A team may be large, and one of it is enough. */
const MAX_ASKED = 5;

/** A commit status as the forge tells it back. */
const CHECK_STATES = {
  success: 'passing',
  pending: 'pending',
  failure: 'failing',
} as const;

/** What came of a look at the approvals of a request. */
export interface KeptPolicy {
  /** With what has to be remembered; the policy of its request is the one below. */
  record: RequestRecord;
  /** Undefined as long as it cannot be told. */
  policy?: RequestPolicy;
  /** Steps for the trail. */
  events: RequestEvent[];
  /** Owners who were asked just now. */
  asked: PolicyBasis['foreign'];
  problems: Problem[];
}

/**
 * Keeps watch over the approvals of requests: judges them, says so on the forge, and asks those who have to approve.
 *
 * What a request needs (guardrails, owners) is taken as it was last seen before the merge: afterwards the request finds its
 * own work there, and what is decided then can no longer hold anything up.
 */
export class PolicyKeeper {
  readonly #contexts: Pick<RequestContexts, 'ofOpen' | 'resolve'>;
  readonly #kinds: Pick<RequestKinds, 'find'>;
  readonly #links: Pick<PortalLinks, 'requestUrl'>;
  readonly #now: () => Date;
  readonly #people: People;
  readonly #targets: Pick<RequestTargets, 'open'>;

  constructor(options: {
    contexts: Pick<RequestContexts, 'ofOpen' | 'resolve'>;
    kinds: Pick<RequestKinds, 'find'>;
    links: Pick<PortalLinks, 'requestUrl'>;
    now?: () => Date;
    people: People;
    targets: Pick<RequestTargets, 'open'>;
  }) {
    this.#contexts = options.contexts;
    this.#kinds = options.kinds;
    this.#links = options.links;
    this.#now = options.now ?? (() => new Date());
    this.#people = options.people;
    this.#targets = options.targets;
  }

  /**
   * One look at the approvals of a request whose pull request is open, or was merged since the last look. The forge is
   * called only when something is to be said or somebody to be asked.
   */
  async keep(
    record: RequestRecord,
    pull: PullObservation,
    round: { forges: SilentForges },
  ): Promise<KeptPolicy> {
    const { request } = record;
    const nothing: KeptPolicy = {
      record,
      policy: request.policy,
      events: [],
      asked: [],
      problems: [],
    };
    if (pull.state === 'closed' || !this.#kinds.find(request.kind)) {
      return nothing;
    }
    const located = this.#targets.open(
      request.subject.tenant,
      record.delivery!,
    );
    try {
      const judged = await this.#judge(record, pull, located.forgeUrl);
      return pull.state === 'open'
        ? await this.#tell({ ...nothing, ...judged }, pull, located, round)
        : { ...nothing, ...judged };
    } catch (error) {
      assertError(error);
      const problem = describeProblem(error, {
        code: 'policy-unknown',
        part: request.subject.tenant,
      });
      return {
        ...nothing,
        // One of before was about other approvals.
        policy: pull.state === 'open' ? request.policy : undefined,
        problems: [problem],
      };
    }
  }

  async #judge(
    record: RequestRecord,
    pull: PullObservation,
    forgeUrl: string,
  ): Promise<Pick<KeptPolicy, 'record' | 'policy'>> {
    const { request } = record;
    const basis = await this.#readBasis(record, pull);
    const approvals = await Promise.all(
      pull.approvals.map(async approval => {
        const person = await this.#people.personOf(forgeUrl, approval.login);
        return {
          ...approval,
          person: person?.ref,
          groups: person?.groups ?? [],
        };
      }),
    );
    const lacking = judgeApprovals({
      ...basis,
      approvals,
      owner: request.owner,
      requestedBy: request.requestedBy,
      // A row from before heads were kept says nothing about whose commit it is.
      foreignCommit:
        record.head === undefined || record.head === pull.head
          ? undefined
          : pull.head,
    });
    // Who approved the first stage has approved what it announced, and nothing that somebody else has put there.
    const missing = record.isApproved
      ? lacking.filter(({ type }) => type === 'commit')
      : lacking;
    return {
      record: isDeepStrictEqual(basis, record.policyBasis)
        ? record
        : { ...record, policyBasis: basis },
      policy: policyOf(missing, { isTrusted: basis.trusted }),
    };
  }

  /** @throws ServiceUnavailableError when what it needs was never seen, and cannot be seen now */
  async #readBasis(
    { policyBasis: known, request }: RequestRecord,
    { state }: PullObservation,
  ): Promise<PolicyBasis> {
    // What a first stage was judged by, its later ones are judged by: they find its work there.
    if (known && (state === 'merged' || request.stage > 1)) {
      return known;
    }
    const kind = this.#kinds.find(request.kind)!;
    const { input, owner, subject } = request;
    try {
      const { context, isComplete } = await this.#contexts.ofOpen(
        request,
        kind,
      );
      const broken = kind
        .check(input, context)
        .filter(({ isDone }) => !isDone)
        .map(({ message }) => message);
      // A bucket whose record cannot be read seems to have no owner who would have to approve.
      if ((broken.length || kind.foreign) && !isComplete) {
        throw new ServiceUnavailableError(
          `What is on ${subject.tenant} cannot be read in full at present, so nobody knows whether the guardrails still hold for this request, or whose buckets it is about`,
        );
      }
      const guardrails = this.#contexts.resolve(owner, subject.tenant);
      return {
        broken,
        foreign: kind.foreign?.(input, context) ?? [],
        trusted: isTrusted(guardrails, kind.limits?.(input)),
      };
    } catch (error) {
      if (known) {
        return known;
      }
      throw error;
    }
  }

  /** Says on the forge what it came to, and asks who has to approve. */
  async #tell(
    judged: KeptPolicy,
    pull: PullObservation,
    located: LocatedTarget,
    { forges }: { forges: SilentForges },
  ): Promise<KeptPolicy> {
    let kept = judged;
    try {
      kept = await this.#setStatus(kept, pull, located, forges);
      kept = await this.#askOwners(kept, located, forges);
      kept = await this.#scheduleMerge(kept, pull, located, forges);
    } catch (error) {
      assertError(error);
      kept = {
        ...kept,
        problems: [
          describeProblem(error, {
            code: 'forge-unreachable',
            part: located.forgeUrl,
          }),
        ],
      };
    }
    return kept;
  }

  async #setStatus(
    kept: KeptPolicy,
    pull: PullObservation,
    { forge, forgeUrl, repository }: LocatedTarget,
    forges: SilentForges,
  ): Promise<KeptPolicy> {
    const { record } = kept;
    const status = {
      commit: pull.head,
      ...describePolicy(kept.policy!),
      url: this.#links.requestUrl(record.request.id),
    };
    const said = record.policyStatus;
    const isSaid =
      said?.commit === status.commit &&
      said.state === status.state &&
      said.description === status.description;
    // Whoever may write to the repository can say something else in the portal's name.
    const isContradicted =
      pull.isFresh !== false &&
      pull.policyStatus !== undefined &&
      pull.policyStatus !== CHECK_STATES[status.state];
    if (isSaid && !isContradicted) {
      return kept;
    }
    await forges.ask(forgeUrl, () =>
      forge.setCommitStatus({ repository, context: POLICY_STATUS, ...status }),
    );
    return { ...kept, record: { ...record, policyStatus: status } };
  }

  /** A request that the guardrails trust its team with waits for its checks and for nobody. */
  async #scheduleMerge(
    kept: KeptPolicy,
    pull: PullObservation,
    { forge, forgeUrl, repository }: LocatedTarget,
    forges: SilentForges,
  ): Promise<KeptPolicy> {
    const { record } = kept;
    if (
      !kept.policy?.isTrusted ||
      !forge.scheduleMerge ||
      record.scheduledMerge === pull.head
    ) {
      return kept;
    }
    const outcome = await forges.ask(forgeUrl, () =>
      forge.scheduleMerge!({
        repository,
        number: record.request.pullRequest!.number,
        head: pull.head,
        status: POLICY_STATUS,
      }),
    );
    return outcome === 'later'
      ? kept
      : {
          ...kept,
          record: { ...record, scheduledMerge: pull.head },
          events: [
            ...kept.events,
            {
              state: record.request.state,
              at: this.#now().toISOString(),
              source: 'forge',
              message:
                'It is merged as soon as its checks pass: the guardrails need no approval here',
            },
          ],
        };
  }

  /** Owners of other buckets know nothing of the request until they are asked. */
  async #askOwners(
    kept: KeptPolicy,
    { forge, forgeUrl, repository }: LocatedTarget,
    forges: SilentForges,
  ): Promise<KeptPolicy> {
    let { record } = kept;
    const { policyBasis, request } = record;
    const events: RequestEvent[] = [];
    const asked: PolicyBasis['foreign'] = [];
    for (const foreign of policyBasis?.foreign ?? []) {
      const { owner } = foreign;
      const isOpen = kept.policy?.missing.some(
        missing => missing.type === 'owner' && missing.owner === owner,
      );
      if (!isOpen || record.askedOwners?.includes(owner)) {
        continue;
      }
      const own = await this.#people.loginsOf(forgeUrl, request.requestedBy);
      const logins = (await this.#people.loginsOf(forgeUrl, owner))
        .filter(login => !own.includes(login))
        .slice(0, MAX_ASKED);
      const notAsked = logins.length
        ? await forges.ask(forgeUrl, () =>
            forge.askReviewers({
              repository,
              number: request.pullRequest!.number,
              reviewers: logins,
            }),
          )
        : [];
      record = {
        ...record,
        askedOwners: [...(record.askedOwners ?? []), owner],
      };
      asked.push(foreign);
      events.push({
        state: request.state,
        at: this.#now().toISOString(),
        source: 'forge',
        message: [
          `Needs ${describeMissing({
            type: 'owner',
            ...foreign,
            ignored: [],
          })}`,
          ...(logins.length
            ? []
            : [
                `the portal knows no account of theirs on ${
                  new URL(forgeUrl).host
                }, so nobody can be asked for a review there`,
              ]),
          ...notAsked.map(
            ({ reviewer, reason }) =>
              `${reviewer} could not be asked for a review: ${reason}`,
          ),
        ].join('; '),
      });
    }
    return { ...kept, record, events, asked };
  }
}
