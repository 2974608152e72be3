import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { assertError, InputError } from '@backstage/errors';
import {
  AccountInfo,
  ProvisioningClient,
  RustfsClient,
  ServerInfo,
  ServerUser,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  AccessView,
  BucketRef,
  BucketView,
  ClusterObjectRef,
  EntityStorage,
  EntityStorageAnnotations,
  getEntityStorageAnnotations,
  Problem,
  TenantView,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  PlaceReading,
  TenantFacts,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { deriveAccesses } from './deriveAccesses';
import { deriveBuckets } from './deriveBuckets';
import { deriveTenant } from './deriveTenant';
import { ownersOf, suggestAnnotations } from './entityStorage';
import { GuardrailRule, isMappedTo } from '../guardrails';
import {
  Audience,
  Inventory,
  ListOptions,
  TenantObservation,
} from './Inventory';
import { isSettledByPortal, SettledItems } from '../settings';
import { ageOfReadings, LastGoodReading, Reading } from './LastGoodReading';
import {
  clusterProblem,
  serverProblem,
  settledProblem,
  usersProblem,
} from './problems';
import { listIncomplete, toldTo, withoutNames } from './problemsAbout';

/** The server of a tenant and what is known of it. */
export interface TenantServer {
  client: RustfsClient;
  /** The same, with the calls that set what records declare. */
  settler?: ProvisioningClient;
  account: LastGoodReading<AccountInfo>;
  info: LastGoodReading<ServerInfo>;
  users: LastGoodReading<ServerUser[]>;
  /** What the settings task has not brought about. */
  settled?: LastGoodReading<SettledItems>;
}

type Sources = Map<string, Reading<TenantSourceReading>>;
type Servers = Map<
  string,
  {
    endpoint: string;
    account: Reading<AccountInfo>;
    info: Reading<ServerInfo>;
    /** Undefined where nobody has asked for them. */
    users?: Reading<ServerUser[]>;
    /** What is not set as its record says, where the portal sets it. */
    settled?: Reading<SettledItems>;
  }
>;

/** Of a tenant that only its server knows of. */
const NOTHING: Pick<
  TenantFacts,
  'accesses' | 'items' | 'records' | 'unlisted'
> = {
  accesses: [],
  items: [],
  records: [],
  unlisted: {
    reason: 'NotDeclared',
    message: 'Nothing declares storage on this tenant',
  },
};

const BUCKETS: ListedKind<BucketView> = {
  hasUsers: false,
  recordedOf: ({ records }) =>
    records.map(({ bucket, owner }) => ({ name: bucket, owner })),
  viewsOf: (...about) => bucketsOf(...about),
};

const ACCESSES: ListedKind<AccessView> = {
  hasUsers: true,
  recordedOf: ({ accesses }) =>
    accesses.map(({ access, owner }) => ({ name: access, owner })),
  viewsOf: (...about) => accessesOf(...about),
};

/** {@link Inventory} of clusters and servers that are asked when somebody wants to know, and at most every few seconds. */
export class LiveInventory implements Inventory {
  readonly #sources: Map<string, LastGoodReading<TenantSourceReading>>;
  readonly #servers: Map<string, TenantServer>;
  readonly #guardrails: GuardrailRule[];
  readonly #places: Map<string, NonNullable<TenantSource['readPlace']>>;

  constructor(options: {
    /** Say whose a bucket is that has no record. */
    guardrails: GuardrailRule[];
    /** By cluster. */
    sources: Map<string, LastGoodReading<TenantSourceReading>>;
    /** By tenant ref. */
    servers: Map<string, TenantServer>;
    /** Look at what applies folders; by cluster. */
    places?: Map<string, NonNullable<TenantSource['readPlace']>>;
  }) {
    this.#sources = options.sources;
    this.#servers = options.servers;
    this.#places = options.places ?? new Map();
    this.#guardrails = options.guardrails;
  }

  async listTenants(): Promise<ViewList<TenantView>> {
    const reading = this.#readSources();
    const [sources, servers] = await Promise.all([
      reading,
      this.#readServers([...this.#servers.keys()], reading),
    ]);
    const items = this.#allRefs(sources).map(ref =>
      describeTenant(ref, sources, servers),
    );
    return {
      items,
      problems: [
        ...problemsOf(sources),
        ...items.flatMap(({ problems }) => problems),
      ],
      ...ageOfReadings([...sources.values(), ...readingsOf(servers, sources)]),
    };
  }

  async getTenant(ref: string): Promise<TenantView | undefined> {
    const reading = this.#readSources([clusterOf(ref)]);
    const [sources, servers] = await Promise.all([
      reading,
      this.#readServers([ref], reading),
    ]);
    if (!this.#allRefs(sources).includes(ref) && !isSilent(ref, sources)) {
      return undefined;
    }
    const view = describeTenant(ref, sources, servers);
    return { ...view, problems: [...problemsOf(sources), ...view.problems] };
  }

  async listBuckets(
    tenants?: string[],
    options: ListOptions = {},
  ): Promise<ViewList<BucketView>> {
    return this.#list(tenants, options, BUCKETS);
  }

  async listAccesses(
    tenants?: string[],
    options: ListOptions = {},
  ): Promise<ViewList<AccessView>> {
    return this.#list(tenants, options, ACCESSES);
  }

  async listAccessRecords() {
    return tenantsOf(await this.#readSources()).flatMap(({ ref, accesses }) =>
      accesses.map(record => ({ tenant: ref, record })),
    );
  }

  async describeEntity(
    entity: Entity,
    audience: Audience = 'team',
  ): Promise<Omit<EntityStorage, 'mayRequest' | 'mayRequestAccess'>> {
    const entityRef = stringifyEntityRef(entity);
    const owners = ownersOf(entity);
    const { annotations, problems } = readAnnotations(entity);
    // Records in any cluster can name the entity, so all clusters are asked.
    const sources = await this.#readSources();
    const tenants = tenantsOf(sources);
    const records = tenants.flatMap(({ ref, records: all }) =>
      all.map(record => ({ ...record, tenant: ref })),
    );
    const isOwn = ({ owner }: { owner?: string }) =>
      owner !== undefined && owners.includes(owner);
    const isNaming = ({ entity: named }: { entity?: string }) =>
      named === entityRef;
    const naming = records.filter(isNaming);
    const recorded = naming.filter(isOwn);
    const accessRecords = tenants.flatMap(({ ref, accesses: all }) =>
      all.map(record => ({ ...record, tenant: ref })),
    );
    const usedNaming = accessRecords.filter(isNaming);
    const used = usedNaming.filter(isOwn);
    // The entity's authors write the annotations and can name anything. What is not theirs is neither asked for nor told
    // apart from what is not there.
    const isMapped = ({ tenant, bucket }: BucketRef) =>
      isMappedTo(this.#guardrails, { tenant, name: bucket, owners });
    const theirs = new Set([
      ...[...records, ...accessRecords]
        .filter(isOwn)
        .map(({ tenant }) => tenant),
      ...annotations.buckets.filter(isMapped).map(({ tenant }) => tenant),
    ]);
    const known = this.#allRefs(sources);
    const named = unique([
      ...annotations.tenants,
      ...[...recorded, ...used].map(({ tenant }) => tenant),
    ]);
    const isOpen = (ref: string) =>
      known.includes(ref) && (audience === 'platform' || theirs.has(ref));
    const servers = await this.#readServers(
      named.filter(isOpen),
      // Nobody else's accesses are shown.
      Promise.resolve(sources),
      unique(used.map(({ tenant }) => tenant)),
    );

    const views = new Map(
      named
        .filter(isOpen)
        .flatMap(ref => bucketsOf(ref, sources, servers, audience))
        .map(view => [view.id, view]),
    );
    const buckets: BucketView[] = [];
    const unknown: BucketRef[] = [];
    const absent: BucketRef[] = [];
    const withheld: BucketRef[] = [];
    for (const ref of uniqueBuckets([...annotations.buckets, ...recorded])) {
      const view = views.get(`${ref.tenant}:${ref.bucket}`);
      const declared = declarationOf(ref.tenant, sources).value;
      if (view && isOwn(view)) {
        buckets.push(view);
      } else if (!declared && sources.has(clusterOf(ref.tenant))) {
        unknown.push(ref);
      } else if (
        !isMapped(ref) ||
        declared?.facts?.unreadRecords.includes(ref.bucket) ||
        view?.owner ||
        view?.entity
      ) {
        withheld.push(ref);
      } else if (view) {
        buckets.push(view);
      } else {
        absent.push(ref);
      }
    }

    const shown = named.filter(
      ref =>
        isOpen(ref) &&
        (audience === 'platform' ||
          [...records, ...accessRecords].some(
            record => record.tenant === ref && isOwn(record),
          ) ||
          buckets.some(({ tenant }) => tenant === ref)),
    );
    const hidden = named.filter(
      ref => !shown.includes(ref) && !isSilent(ref, sources),
    );
    const clusters = new Set(named.map(clusterOf));
    const concerned = new Map(
      [...sources].filter(([cluster]) => clusters.has(cluster)),
    );
    const isLinked =
      annotations.annotated || recorded.length > 0 || used.length > 0;
    return {
      entityRef,
      annotated: isLinked,
      suggestedAnnotations: isLinked
        ? undefined
        : suggestAnnotations({
            entity,
            tenants,
            guardrails: this.#guardrails,
          }),
      tenants: shown.map(ref =>
        forUsers(describeTenant(ref, sources, servers), audience),
      ),
      buckets,
      accesses: named
        .filter(isOpen)
        .flatMap(ref => accessesOf(ref, sources, servers, audience))
        .filter(view => isNaming(view) && isOwn(view)),
      problems: [
        ...problems,
        ...byTenant(unknown, bucketsOfUnknown),
        ...byTenant(absent, bucketsNotFound),
        ...byTenant(withheld, bucketsNotShown),
        ...(audience === 'platform'
          ? hidden.map(tenantNotFound)
          : hidden
              .filter(ref => withheld.every(({ tenant }) => tenant !== ref))
              .map(tenantNotShown)),
        ...(naming.length > recorded.length || usedNaming.length > used.length
          ? [recordsOfOthers()]
          : []),
        ...toldTo(audience, [
          ...problemsOf(concerned),
          ...shown.flatMap(ref => problemsOfTenant(ref, sources, servers)),
        ]),
        ...([...sources].some(
          ([cluster, { value }]) => !clusters.has(cluster) && !value,
        )
          ? [listIncomplete()]
          : []),
      ],
      ...ageOfReadings([
        ...(clusters.size ? concerned : sources).values(),
        ...readingsOf(servers, sources),
      ]),
    };
  }

  async observeTenant(ref: string): Promise<TenantObservation> {
    const cluster = clusterOf(ref);
    const source = this.#sources.get(cluster);
    if (!source) {
      return nothingOf(ref, [tenantNotFound(ref)]);
    }
    const { value, asOf, error } = await source.getNow();
    if (error || !value) {
      // A last good value is no observation.
      const problems = clusterProblem(cluster, { asOf, error });
      return nothingOf(ref, problems);
    }
    // What is observed ends up on requests, which are read by people of one team.
    const problems = [
      ...withoutNames(value.problems.filter(({ part }) => part === cluster)),
      ...toldTo(
        'team',
        value.problems.filter(({ part }) => part === ref),
      ),
    ];
    const found = value.tenants.find(tenant => tenant.ref === ref);
    return found
      ? { ref, facts: found, problems }
      : nothingOf(ref, [...problems, tenantNotFound(ref)]);
  }

  async observeTenants(): Promise<TenantFacts[]> {
    const readings = await Promise.all(
      [...this.#sources.values()].map(source => source.getNow()),
    );
    return readings.flatMap(({ error, value }) =>
      error ? [] : value?.tenants ?? [],
    );
  }

  async observePlace(
    cluster: string,
    appliedBy: ClusterObjectRef,
  ): Promise<PlaceReading> {
    const read = this.#places.get(cluster);
    try {
      const place = await read?.(appliedBy);
      return place
        ? { ...place, problems: withoutNames(place.problems) }
        : { problems: [] };
    } catch (error) {
      return {
        problems: clusterProblem(cluster, {
          asOf: new Date().toISOString(),
          error,
        }),
      };
    }
  }

  clientFor(ref: string) {
    return this.#servers.get(ref)?.client;
  }

  settlerFor(ref: string): ProvisioningClient | undefined {
    return this.#servers.get(ref)?.settler;
  }

  invalidate(ref: string): void {
    this.#sources.get(clusterOf(ref))?.invalidate();
    const server = this.#servers.get(ref);
    server?.account.invalidate();
    server?.info.invalidate();
    server?.users.invalidate();
    server?.settled?.invalidate();
  }

  async #readSources(clusters?: string[]): Promise<Sources> {
    const names = [...this.#sources.keys()].filter(
      name => !clusters || clusters.includes(name),
    );
    return new Map(
      await Promise.all(
        names.map(
          async name => [name, await this.#sources.get(name)!.get()] as const,
        ),
      ),
    );
  }

  /**
   * @param sources - asks for the users as well, where the tenants have accesses that say something about them
   * @param withUsers - asks for the users of these tenants only
   */
  async #readServers(
    refs: string[],
    sources?: Promise<Sources>,
    withUsers: string[] = refs,
  ): Promise<Servers> {
    const hasAccesses = async (ref: string) =>
      sources !== undefined &&
      withUsers.includes(ref) &&
      Boolean(declarationOf(ref, await sources).value?.facts?.accesses.length);

    const found = unique(refs).flatMap(ref => {
      const server = this.#servers.get(ref);
      return server ? [{ ref, server }] : [];
    });
    return new Map(
      await Promise.all(
        found.map(async ({ ref, server }) => {
          const [account, info, users, settled] = await Promise.all([
            server.account.get(),
            server.info.get(),
            hasAccesses(ref).then(has =>
              has ? server.users.get() : undefined,
            ),
            server.settled?.get(),
          ]);
          const { endpoint } = server.client;
          return [
            ref,
            {
              endpoint,
              account,
              info,
              users,
              settled,
            },
          ] as const;
        }),
      ),
    );
  }

  async #list<T>(
    tenants: string[] | undefined,
    options: ListOptions,
    kind: ListedKind<T>,
  ): Promise<ViewList<T>> {
    const { audience = 'team', isWanted } = options;
    const reading = this.#readSources(tenants?.map(clusterOf));
    const readServers = (refs: string[]) =>
      this.#readServers(refs, kind.hasUsers ? reading : undefined);
    if (!isWanted) {
      const [sources, servers] = await Promise.all([
        reading,
        readServers(tenants ?? [...this.#servers.keys()]),
      ]);
      const refs = tenants ?? this.#allRefs(sources);
      return this.#describe(refs, kind, { sources, servers, audience });
    }
    const sources = await reading;
    const refs = (tenants ?? this.#allRefs(sources)).filter(ref => {
      const { facts } = declarationOf(ref, sources).value ?? {};
      // One that is recorded, or any that nobody owns.
      return [
        { name: '', owner: undefined },
        ...(facts ? kind.recordedOf(facts) : []),
      ].some(({ name, owner }) =>
        isWanted({ id: `${ref}:${name}`, tenant: ref, owner }),
      );
    });
    const servers = await readServers(refs);
    return this.#describe(refs, kind, { sources, servers, audience });
  }

  #describe<T>(
    refs: string[],
    kind: ListedKind<T>,
    read: { sources: Sources; servers: Servers; audience: Audience },
  ): ViewList<T> {
    const { sources, servers, audience } = read;
    const known = this.#allRefs(sources);
    return {
      items: refs.flatMap(ref => kind.viewsOf(ref, sources, servers, audience)),
      problems: [
        ...problemsOf(sources),
        ...refs.flatMap(ref =>
          known.includes(ref)
            ? problemsOfTenant(ref, sources, servers)
            : problemsOfUnknown(ref, sources),
        ),
      ],
      ...ageOfReadings([...sources.values(), ...readingsOf(servers, sources)]),
    };
  }

  /** Tenants that the clusters have, and those that are configured. */
  #allRefs(sources: Sources): string[] {
    return unique([
      ...tenantsOf(sources).map(({ ref }) => ref),
      ...[...this.#servers.keys()].filter(ref => sources.has(clusterOf(ref))),
    ]).sort();
  }
}

/** What is listed of all tenants. */
interface ListedKind<T> {
  /** Whether the users of the servers say something about it. */
  hasUsers: boolean;
  recordedOf(facts: TenantFacts): Array<{ name: string; owner?: string }>;
  viewsOf(
    ref: string,
    sources: Sources,
    servers: Servers,
    audience: Audience,
  ): T[];
}

function describeTenant(
  ref: string,
  sources: Sources,
  servers: Servers,
): TenantView {
  return deriveTenant({
    ref,
    declared: declarationOf(ref, sources),
    server: servers.get(ref),
    problems: problemsOfTenant(ref, sources, servers),
  });
}

/** A tenant on the page of an entity: what its users need, and nothing of what others have there. */
function forUsers(view: TenantView, audience: Audience): TenantView {
  const { ref, state, reason, endpoint, asOf, freshness } = view;
  const problems = toldTo(audience, view.problems);
  return { ref, state, reason, endpoint, asOf, freshness, problems };
}

function bucketsOf(
  ref: string,
  sources: Sources,
  servers: Servers,
  audience: Audience,
): BucketView[] {
  const declared = declarationOf(ref, sources);
  const server = servers.get(ref);
  const account = server?.account;
  const settled = settledOf(ref, sources, servers);
  return deriveBuckets({
    tenant: ref,
    endpoint: declared.value?.facts?.endpoints.external ?? server?.endpoint,
    declared: declared.value && (declared.value.facts ?? NOTHING),
    live: account?.value && {
      buckets: account.value.buckets,
      asOf: account.asOf,
    },
    serverProblem: account
      ? serverTrouble(ref, account, audience)
      : { reason: 'NoAccess', message: messageTo(audience, noAccess(ref)) },
    settled: settled?.value,
    audience,
    ...ageOfReadings(
      [declared, account, settled].filter(reading => reading !== undefined),
    ),
  });
}

function accessesOf(
  ref: string,
  sources: Sources,
  servers: Servers,
  audience: Audience,
): AccessView[] {
  const declared = declarationOf(ref, sources);
  const facts = declared.value?.facts;
  if (!facts) {
    return [];
  }
  const server = servers.get(ref);
  const { account, users } = server ?? {};
  const live = users?.value !== undefined && !users.error ? users : undefined;
  return deriveAccesses({
    tenant: ref,
    endpoint: server?.endpoint,
    declared: facts,
    live: live && { users: live.value!, asOf: live.asOf },
    // A server that answers, and does not tell of its users, is well: the word of the provisioner has to do.
    serverProblem: account && serverTrouble(ref, account, audience),
    ...ageOfReadings(live ? [declared, live] : [declared]),
  });
}

/** Why a server does not answer, as it stands on what it holds. */
function serverTrouble(
  ref: string,
  reading: Reading<unknown>,
  audience: Audience,
): { reason: string; message: string } | undefined {
  const problem = serverProblem(ref, reading);
  return (
    problem && {
      reason: 'ServerUnreachable',
      message: messageTo(audience, problem),
    }
  );
}

function messageTo(audience: Audience, problem: Problem): string {
  return toldTo(audience, [problem])[0].message;
}

function nothingOf(ref: string, problems: Problem[]): TenantObservation {
  return { ref, problems };
}

/** Whether a cluster has never said what tenants it has, so that nobody knows of this one. */
function isSilent(ref: string, sources: Sources): boolean {
  const reading = sources.get(clusterOf(ref));
  return reading !== undefined && reading.value === undefined;
}

function problemsOfUnknown(ref: string, sources: Sources): Problem[] {
  // That the cluster does not answer is said already.
  return isSilent(ref, sources) ? [] : [tenantNotFound(ref)];
}

/** The part of a cluster's reading that is about one tenant; empty when the cluster has no such Tenant for sure. */
function declarationOf(
  ref: string,
  sources: Sources,
): Reading<{ facts?: TenantFacts }> {
  const { asOf, error, value } = sources.get(clusterOf(ref)) ?? {
    asOf: new Date().toISOString(),
  };
  const found = value?.tenants.find(tenant => tenant.ref === ref);
  // What cannot be read may be this very Tenant.
  const isAbsent = value?.problems.every(
    ({ code }) => code !== 'object-unreadable' && code !== 'source-unreadable',
  );
  return {
    asOf,
    error,
    value: found || isAbsent ? { facts: found } : undefined,
  };
}

function problemsOfTenant(
  ref: string,
  sources: Sources,
  servers: Servers,
): Problem[] {
  const problems: Problem[] = [];
  const server = servers.get(ref);
  const declared = declarationOf(ref, sources);
  if (declared.value && !declared.value.facts && !declared.error) {
    problems.push(tenantNotFound(ref));
  }
  if (!server) {
    problems.push(noAccess(ref));
  } else {
    const account = serverProblem(ref, server.account);
    const info = serverProblem(ref, server.info);
    const settled = settledOf(ref, sources, servers);
    // A server that is away fails all calls for one reason.
    problems.push(
      ...[
        account,
        account?.code === info?.code ? undefined : info,
        account ? undefined : server.users && usersProblem(ref, server.users),
        settled && settledProblem(ref, settled),
      ].filter(problem => problem !== undefined),
    );
  }
  return problems;
}

function problemsOf(sources: Sources): Problem[] {
  return [...sources].flatMap(([cluster, reading]) => [
    ...clusterProblem(cluster, reading),
    ...(reading.value?.problems ?? []),
  ]);
}

function readAnnotations(entity: Entity): {
  annotations: EntityStorageAnnotations;
  problems: Problem[];
} {
  try {
    return { annotations: getEntityStorageAnnotations(entity), problems: [] };
  } catch (error) {
    assertError(error);
    if (!(error instanceof InputError)) {
      throw error;
    }
    return {
      annotations: { annotated: true, tenants: [], buckets: [] },
      problems: [
        {
          code: 'annotation-invalid',
          part: 'catalog',
          message: error.message,
          hint: 'Mend the annotation in the file that describes this entity.',
        },
      ],
    };
  }
}

function tenantNotFound(ref: string): Problem {
  return {
    code: 'tenant-not-found',
    part: ref,
    message: `There is no tenant ${ref} in any cluster that the portal reads`,
    hint: 'Compare the name with the list of tenants, and the cluster with rustfs.clusters.',
  };
}

function noAccess(ref: string): Problem {
  return {
    code: 'tenant-not-configured',
    part: ref,
    message: `The portal has no user on the server of tenant ${ref}, so it only knows what the cluster says`,
    hint: 'Add the tenant to rustfs.tenants.',
  };
}

/** The same for a tenant that there is not and for one that is not for the reader. */
function tenantNotShown(ref: string): Problem {
  return {
    code: 'tenant-not-shown',
    part: ref,
    message: `No bucket on tenant ${ref} is recorded for the owner of this entity yet`,
    hint: 'Request the first one, or check the annotation rustfs.com/tenant if there should be some.',
  };
}

function bucketsNotFound(tenant: string, names: string): Problem {
  return {
    code: 'bucket-not-found',
    part: tenant,
    message: `The entity names on ${tenant}, and as far as can be seen neither Git nor the server has: ${names}`,
    hint: 'Check the annotation rustfs.com/buckets, or request the bucket.',
  };
}

function bucketsOfUnknown(tenant: string, names: string): Problem {
  return {
    code: 'bucket-owner-unknown',
    part: tenant,
    message: `The entity names on ${tenant}, and whose it is cannot be read at present, so it is not shown here: ${names}`,
    hint: 'If this stays, ask the platform team: the list of tenants says what cannot be read.',
  };
}

/** The same for a bucket of somebody else, for one without an owner, and for one that there is not. */
function bucketsNotShown(tenant: string, names: string): Problem {
  return {
    code: 'bucket-not-shown',
    part: tenant,
    message: `The entity names on ${tenant}, and no bucket record says that it belongs to the owner of the entity, so it is not shown here: ${names}`,
    hint: 'Check the annotation rustfs.com/buckets. What is meant to be of this entity needs a bucket record in Git with its owner: ask the platform team.',
  };
}

/** Names nothing: the entity may be a new one under the name of another that is gone. */
function recordsOfOthers(): Problem {
  return {
    code: 'record-of-other-owner',
    part: 'storage',
    message:
      'Storage that is recorded for another owner names this entity, and is not shown here',
    hint: 'If it has come to the owner of this entity, the platform team changes the owner in its records in Git.',
  };
}

/** One problem for each tenant, with the names of its buckets. */
function byTenant(
  refs: BucketRef[],
  describe: (tenant: string, names: string) => Problem,
): Problem[] {
  return unique(refs.map(({ tenant }) => tenant)).map(tenant =>
    describe(
      tenant,
      refs
        .filter(ref => ref.tenant === tenant)
        .map(({ bucket }) => bucket)
        .join(', '),
    ),
  );
}

function tenantsOf(sources: Sources): TenantFacts[] {
  return [...sources.values()].flatMap(({ value }) => value?.tenants ?? []);
}

function readingsOf(
  servers: Servers,
  sources: Sources,
): Array<Reading<unknown>> {
  const readings = [...servers].flatMap(([ref, { account, info, users }]) => [
    account,
    info,
    // Where the portal may not see them, nothing is shown of them, old or new.
    ...(users && !users.error ? [users] : []),
    settledOf(ref, sources, servers),
  ]);
  return readings.filter(reading => reading !== undefined);
}

/** What is not set as its record says, where the portal sets it: what was said before another host took over says nothing any more. */
function settledOf(
  ref: string,
  sources: Sources,
  servers: Servers,
): Reading<SettledItems> | undefined {
  const { facts } = declarationOf(ref, sources).value ?? {};
  return facts && isSettledByPortal(facts)
    ? servers.get(ref)?.settled
    : undefined;
}

function clusterOf(ref: string): string {
  return ref.slice(0, ref.indexOf('/'));
}

function uniqueBuckets(refs: BucketRef[]): BucketRef[] {
  return [
    ...new Map(
      refs.map(({ tenant, bucket }) => [
        `${tenant}:${bucket}`,
        { tenant, bucket },
      ]),
    ).values(),
  ];
}

function unique<T>(items: T[]): T[] {
  return [...new Set(items)];
}
