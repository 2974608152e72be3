import { assertError } from '@backstage/errors';
import { AccountInfo, ServerUser } from '@rustfs-portal/plugin-rustfs-client';
import {
  AccessRecord,
  Problem,
  RequestSubject,
  setupItemKey,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { PlaceReading, TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { DeliveryObservation, GitOpsEngines } from '../gitops';
import { Inventory, TenantObservation } from '../inventory';
import { RequestRecord } from '../ledger';
import {
  declaredSettings,
  isSettledByPortal,
  SettledItems,
  SettingsStore,
} from '../settings';
import { RoundVerdicts, unheard } from '../secrets';
import { describeAccess } from './describeAccess';
import { describeObstacle, nameOf } from './describeObstacle';
import { describeProblem } from './describeProblem';
import { describeProvisioner } from './describeProvisioner';
import { isFailedAfterApplied } from './deriveState';
import { describePull } from './describePull';
import { describeSettings } from './describeSettings';
import { describeUndone } from './describeUndone';
import { KnownCommits } from './KnownCommits';
import { RoundPulls } from './KnownPulls';
import { once } from './once';
import {
  Observations,
  PullObservation,
  ServerObservation,
} from './observations';
import { RequestKinds } from './RequestKinds';
import { deliveryPlaceOf, LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';
import { SilentForges } from './SilentForges';

/** An open page asks several times in this time. */
const VIEWED_FOR_MS = 30_000;

/** Whether the pull request of a request is read: a closed one, too, can be opened again by whoever closed it. */
export function hasMovingPull({ pullRequest, state }: StorageRequest): boolean {
  return (
    pullRequest !== undefined &&
    (state === 'proposed' || state === 'closed' || state === 'withdrawn')
  );
}

/**
 * Looks at everything that a request depends on, and changes nothing. One observer serves one round: what several requests share (a tenant,
 * a server, the relation of two commits) is read once.
 */
export class RequestObserver {
  readonly #engines: GitOpsEngines;
  readonly #forges: SilentForges;
  readonly #inventory: Pick<
    Inventory,
    'observePlace' | 'observeTenant' | 'clientFor'
  >;
  readonly #kinds: RequestKinds;
  readonly #now: () => Date;
  readonly #commits: KnownCommits;
  readonly #pulls: Pick<RoundPulls, 'read' | 'noteWritten' | 'lastOpenAt'>;
  readonly #secrets?: RoundVerdicts;
  readonly #settings: Pick<SettingsStore, 'read'>;
  readonly #targets: Pick<RequestTargets, 'open'>;
  readonly #shaken: ReadonlySet<string>;
  readonly #told: ReadonlySet<string>;
  readonly #tenants = new Map<string, Promise<TenantObservation>>();
  readonly #places = new Map<string, Promise<PlaceReading>>();
  readonly #accounts = new Map<string, Promise<AccountInfo>>();
  readonly #users = new Map<string, Promise<ServerUser[]>>();
  readonly #settled = new Map<string, Promise<SettledItems>>();
  readonly #contained = new Map<string, Promise<boolean>>();

  constructor(options: {
    commits: KnownCommits;
    /** By default those of the portal. */
    engines?: GitOpsEngines;
    forges: SilentForges;
    inventory: Pick<Inventory, 'observePlace' | 'observeTenant' | 'clientFor'>;
    kinds: RequestKinds;
    now?: () => Date;
    pulls: Pick<RoundPulls, 'read' | 'noteWritten' | 'lastOpenAt'>;
    /** What controllers say of Secrets; by default nothing. */
    secrets?: RoundVerdicts;
    settings: Pick<SettingsStore, 'read'>;
    /** Ids of requests whose base branch was pushed to. */
    shaken?: ReadonlySet<string>;
    targets: Pick<RequestTargets, 'open'>;
    /** Ids of requests that a webhook told of. */
    told?: ReadonlySet<string>;
  }) {
    this.#commits = options.commits;
    this.#engines = options.engines ?? new GitOpsEngines();
    this.#forges = options.forges;
    this.#inventory = options.inventory;
    this.#kinds = options.kinds;
    this.#now = options.now ?? (() => new Date());
    this.#pulls = options.pulls;
    this.#secrets = options.secrets;
    this.#settings = options.settings;
    this.#shaken = options.shaken ?? new Set();
    this.#targets = options.targets;
    this.#told = options.told ?? new Set();
  }

  /** What can be seen of a request whose pull request was opened. What cannot be seen is among the problems. */
  async observe(record: RequestRecord): Promise<Observations> {
    const { request } = record;
    const { tenant } = request.subject;
    const problems: Problem[] = [];
    const attempt = <T>(part: string, code: string, look: () => Promise<T>) =>
      look().catch((error: unknown): undefined => {
        assertError(error);
        problems.push(describeProblem(error, { code, part }));
      });

    const located = await attempt(tenant, 'forge-unknown', async () =>
      this.#targets.open(tenant, record.delivery!),
    );
    if (!located) {
      return { problems };
    }
    let pull: PullObservation | undefined;
    if (hasMovingPull(request)) {
      pull = await attempt(located.forgeUrl, 'forge-unreachable', () =>
        this.#observePull(record, located),
      );
    }
    const mergeCommit = pull?.mergeCommit ?? request.mergeCommit;
    if (!mergeCommit && request.stage === 1) {
      return { pull, problems };
    }

    const seen = await attempt(tenant, 'cluster-unreachable', () =>
      once(this.#tenants, tenant, () => this.#inventory.observeTenant(tenant)),
    );
    problems.push(...(seen?.problems ?? []));
    if (!seen) {
      return { pull, problems };
    }
    const kind = this.#kinds.find(request.kind);
    const subjects = kind?.subjects(request.input) ?? [request.subject];
    const wanted = kind?.ends ? 'revoked' : 'active';
    // What has ended may be taken out of Git altogether.
    if (request.stage > 1 && wanted === 'active') {
      problems.push(...describeUndone(request, subjects, seen.facts));
    }
    if (!mergeCommit) {
      return { pull, problems };
    }

    if (pull?.state === 'merged') {
      this.#commits.noteInBranch({
        repository: `${located.forgeUrl} ${located.repository}`,
        revision: record.delivery!.baseBranch,
        commit: mergeCommit,
      });
    }
    const isApplied =
      request.state === 'applied' || isFailedAfterApplied(request);
    const branch = record.delivery!.baseBranch;
    let delivery: DeliveryObservation | undefined;
    if (!isApplied) {
      const place = await this.#observePlace(record);
      problems.push(...(place?.problems ?? []));
      delivery = await attempt(located.forgeUrl, 'forge-unreachable', () =>
        this.#observeDelivery(
          place ?? deliveryPlaceOf(seen, record.delivery!),
          {
            branch,
            commit: mergeCommit,
            lastOpenAt: this.#lastOpenAt(request, located),
            at: pull?.mergedAt ?? mergedAtOf(request),
          },
          located,
        ),
      );
      if (delivery?.state === 'waiting' && delivery.notFetched) {
        const lost = await attempt(located.forgeUrl, 'forge-unreachable', () =>
          this.#findLostMerge({ branch, commit: mergeCommit }, located),
        );
        delivery = lost ?? delivery;
        problems.push(...(lost ? [describeLostMerge(lost, located)] : []));
      }
    }
    const { facts } = seen;
    if (!facts || !(isApplied || delivery?.state === 'applied')) {
      return { pull, delivery, problems };
    }

    const secrets = subjects.some(({ type }) => type === 'access')
      ? await this.#observeSecrets(record, problems)
      : undefined;
    if (secrets && secrets.state !== 'ready') {
      // What others say of a key that is not there only follows from that.
      return { pull, delivery, secrets, problems };
    }
    const provisioner = describeProvisioner(facts, subjects);
    const server =
      provisioner.state === 'ready'
        ? await attempt(tenant, 'tenant-unreachable', () =>
            this.#observeServer(subjects, wanted, facts),
          )
        : undefined;
    return { pull, delivery, secrets, provisioner, server, problems };
  }

  /** What makes the Secrets of what was merged; while it cannot be asked, it is waited for. */
  async #observeSecrets(
    record: RequestRecord,
    problems: Problem[],
  ): Promise<Observations['secrets']> {
    try {
      return await this.#secrets?.observe(record);
    } catch (error) {
      assertError(error);
      const { consumer, request } = record;
      const problem = describeProblem(error, {
        code: 'cluster-unreachable',
        part:
          consumer && request.stage > 1
            ? consumer.cluster
            : request.subject.tenant.split('/')[0],
      });
      problems.push(problem);
      return unheard(problem);
    }
  }

  /** Takes note of the commit that the portal has just written to the branch of a proposed request. */
  noteWritten({ delivery, request }: RequestRecord, commit: string): void {
    const located = this.#targets.open(request.subject.tenant, delivery!);
    this.#pulls.noteWritten(located, request.pullRequest!.number, commit);
  }

  /** What applies the stage of a request; undefined where that is what applies the tenant. */
  async #observePlace({
    consumer,
    request,
  }: RequestRecord): Promise<DeliveryPlace | undefined> {
    if (!consumer || request.stage === 1) {
      return undefined;
    }
    const { appliedBy, cluster, namespace } = consumer;
    const key = [cluster, nameOf(appliedBy)].join();
    const place = await once(this.#places, key, () =>
      this.#inventory.observePlace(cluster, appliedBy),
    );
    return { ...place, ref: `namespace ${namespace} of ${cluster}` };
  }

  async #observePull(
    { request, viewedAt = '' }: RequestRecord,
    located: LocatedTarget,
  ): Promise<PullObservation> {
    const lately = new Date(this.#now().getTime() - VIEWED_FOR_MS);
    const { pull, isFresh } = await this.#pulls.read(
      located,
      request.pullRequest!.number,
      {
        isViewed: viewedAt > lately.toISOString(),
        isTold: this.#told.has(request.id),
        isShaken: this.#shaken.has(request.id),
      },
    );
    return { ...describePull(pull), isFresh };
  }

  async #observeDelivery(
    seen: DeliveryPlace,
    merge: Merge,
    located: LocatedTarget,
  ): Promise<DeliveryObservation | undefined> {
    const { place } = seen;
    const containing = new Set<string>();
    for (const revision of place ? this.#engines.revisionsOf(place) : []) {
      const isContained = await this.#contains(revision, merge, located);
      if (isContained) {
        containing.add(revision);
      }
    }
    const delivery =
      place &&
      this.#engines.deliver(place, {
        branch: merge.branch,
        at: merge.at,
        isIn: commit => commit === merge.commit || containing.has(commit),
        now: new Date().toISOString(),
      });
    if (delivery || seen.problems.length) {
      return delivery;
    }
    return {
      state: 'waiting',
      waitingFor: `Something that applies what is declared for ${
        seen.ref
      }: ${describeObstacle(seen.obstacle ?? { code: 'not-tracked' })}`,
      notFetched: true,
    };
  }

  /** Whoever pushes with force can take a merge out of the branch again. */
  async #findLostMerge(
    { branch, commit }: Merge,
    located: LocatedTarget,
  ): Promise<LostMerge | undefined> {
    return (await this.#contains(branch, { branch, commit }, located))
      ? undefined
      : { state: 'lost', branch, commit };
  }

  async #contains(
    revision: string,
    { commit, lastOpenAt }: Merge,
    { forge, forgeUrl, repository }: LocatedTarget,
  ): Promise<boolean> {
    const where = `${forgeUrl} ${repository}`;
    return (
      revision === commit ||
      once(this.#contained, `${where} ${revision} ${commit}`, () =>
        this.#commits.contains(
          { repository: where, revision, commit, lastOpenAt },
          () =>
            this.#forges.ask(forgeUrl, () =>
              forge.contains({ repository, revision, commit }),
            ),
        ),
      )
    );
  }

  #lastOpenAt(
    { pullRequest }: RequestRecord['request'],
    located: LocatedTarget,
  ): number | undefined {
    return pullRequest && this.#pulls.lastOpenAt(located, pullRequest.number);
  }

  /** Whether the server has everything as it is declared; the first that it has not. */
  async #observeServer(
    subjects: RequestSubject[],
    wanted: AccessRecord['state'],
    facts: TenantFacts,
  ): Promise<ServerObservation> {
    if (subjects.every(({ type }) => type === 'setup')) {
      // The program has asked the server itself; what the portal may see there is another matter.
      return { state: 'agrees' };
    }
    const client = this.#inventory.clientFor(facts.ref);
    if (!client) {
      return waiting(
        `Credentials for the server of ${facts.ref}: the platform team adds them to rustfs.tenants`,
      );
    }
    for (const { name, type } of subjects) {
      const observation =
        type === 'bucket'
          ? await this.#observeBucket(name, facts, client)
          : await this.#observeAccess(name, wanted, facts, client);
      if (observation.state !== 'agrees') {
        return observation;
      }
    }
    return { state: 'agrees' };
  }

  async #observeBucket(
    name: string,
    facts: TenantFacts,
    client: ServerLook,
  ): Promise<ServerObservation> {
    const record = facts.records.find(({ bucket }) => bucket === name);
    if (!record) {
      return waiting(
        facts.unreadRecords.includes(name)
          ? 'A bucket record that can be read: the one in the cluster cannot, or there is more than one'
          : 'The bucket record is not in the cluster yet',
      );
    }
    const { buckets } = await once(this.#accounts, facts.ref, () =>
      client.accountInfo(),
    );
    const item = facts.items.find(
      found => found.type === 'bucket' && found.name === name,
    );
    const isByPortal = isSettledByPortal(facts);
    const settled = isByPortal
      ? await once(this.#settled, facts.ref, () =>
          this.#settings.read(facts.ref),
        )
      : {};
    return describeSettings({
      buckets,
      declared: { ...declaredSettings(item, record), record },
      settledBy: isByPortal
        ? undefined
        : facts.settledBy ?? 'Whoever sets up its buckets',
      said: settled[setupItemKey('bucket', name)],
    });
  }

  async #observeAccess(
    name: string,
    wanted: AccessRecord['state'],
    facts: TenantFacts,
    client: ServerLook,
  ): Promise<ServerObservation> {
    const record = facts.accesses.find(({ access }) => access === name);
    return record
      ? describeAccess(
          record,
          wanted,
          await once(this.#users, facts.ref, () => client.listUsers()),
        )
      : waiting('The access record is not in the cluster yet');
  }
}

function waiting(waitingFor: string): ServerObservation {
  return { state: 'waiting', waitingFor };
}

type ServerLook = NonNullable<ReturnType<Inventory['clientFor']>>;

/** What applies what was merged, and for what. */
type DeliveryPlace = PlaceReading & Pick<TenantObservation, 'ref'>;

/** When the forge says that the present stage of a request was merged. */
function mergedAtOf({ trail }: StorageRequest): string | undefined {
  return trail.findLast(({ state }) => state === 'merged')?.at;
}

/** A commit and the branch that it was merged into. */
interface Merge {
  branch: string;
  commit: string;
  /** When its pull request was last known to be open. */
  lastOpenAt?: number;
  /** ISO 8601. */
  at?: string;
}

type LostMerge = Extract<DeliveryObservation, { state: 'lost' }>;

function describeLostMerge(
  { branch, commit }: LostMerge,
  { forgeUrl, repository }: LocatedTarget,
): Problem {
  return {
    code: 'merge-lost',
    part: forgeUrl,
    message: `Branch ${branch} of ${repository} no longer contains the merge of the pull request, commit ${commit}: somebody has taken it out, for example with a forced push`,
    hint: `Ask whoever looks after ${repository} to merge that commit into ${branch} again (git merge ${commit}); the request then goes on by itself.`,
  };
}
