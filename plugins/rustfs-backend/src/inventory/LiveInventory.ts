import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { assertError, InputError } from '@backstage/errors';
import {
  BucketRef,
  BucketView,
  EntityStorage,
  EntityStorageAnnotations,
  getEntityStorageAnnotations,
  Observed,
  Problem,
  TenantView,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  AccountInfo,
  RustfsClient,
  ServerInfo,
  SourcedTenant,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { deriveBuckets } from './deriveBuckets';
import { deriveTenant } from './deriveTenant';
import { ownersOf, suggestAnnotations } from './entityStorage';
import { Inventory, TenantObservation } from './Inventory';
import { LastGoodReading, Reading } from './LastGoodReading';
import { clusterProblem, serverProblem } from './problems';
import { withoutNames } from './problemsAbout';

/** The server of a tenant and what is known of it. */
export interface TenantServer {
  client: RustfsClient;
  account: LastGoodReading<AccountInfo>;
  info: LastGoodReading<ServerInfo>;
}

type Sources = Map<string, Reading<TenantSourceReading>>;
type Servers = Map<
  string,
  { endpoint: string; account: Reading<AccountInfo>; info: Reading<ServerInfo> }
>;

/** {@link Inventory} of clusters and servers that are asked when somebody wants to know, and at most every few seconds. */
export class LiveInventory implements Inventory {
  readonly #sources: Map<string, LastGoodReading<TenantSourceReading>>;
  readonly #servers: Map<string, TenantServer>;

  constructor(options: {
    /** By cluster. */
    sources: Map<string, LastGoodReading<TenantSourceReading>>;
    /** By tenant ref. */
    servers: Map<string, TenantServer>;
  }) {
    this.#sources = options.sources;
    this.#servers = options.servers;
  }

  async listTenants(): Promise<ViewList<TenantView>> {
    const [sources, servers] = await Promise.all([
      this.#readSources(),
      this.#readServers([...this.#servers.keys()]),
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
      ...ageOf([...sources.values(), ...readingsOf(servers)]),
    };
  }

  async getTenant(ref: string): Promise<TenantView | undefined> {
    const [sources, servers] = await Promise.all([
      this.#readSources([clusterOf(ref)]),
      this.#readServers([ref]),
    ]);
    if (!this.#allRefs(sources).includes(ref) && !isSilent(ref, sources)) {
      return undefined;
    }
    const view = describeTenant(ref, sources, servers);
    return { ...view, problems: [...problemsOf(sources), ...view.problems] };
  }

  async listBuckets(tenants?: string[]): Promise<ViewList<BucketView>> {
    const [sources, servers] = await Promise.all([
      this.#readSources(tenants?.map(clusterOf)),
      this.#readServers(tenants ?? [...this.#servers.keys()]),
    ]);
    const known = this.#allRefs(sources);
    const refs = tenants ?? known;
    return {
      items: refs.flatMap(ref => bucketsOf(ref, sources, servers)),
      problems: [
        ...problemsOf(sources),
        ...refs.flatMap(ref =>
          known.includes(ref)
            ? problemsOfTenant(ref, sources, servers)
            : problemsOfUnknown(ref, sources),
        ),
      ],
      ...ageOf([...sources.values(), ...readingsOf(servers)]),
    };
  }

  async describeEntity(
    entity: Entity,
  ): Promise<Omit<EntityStorage, 'mayRequest'>> {
    const entityRef = stringifyEntityRef(entity);
    const { annotations, problems } = readAnnotations(entity);
    // Records in any cluster can name the entity, so all clusters are asked; of the servers only those that matter.
    const [sources, annotated] = await Promise.all([
      this.#readSources(),
      this.#readServers(annotations.tenants),
    ]);
    const recorded = tenantsOf(sources).flatMap(({ ref, records }) =>
      records
        .filter(record => record.entity === entityRef)
        .map(({ bucket }): BucketRef => ({ tenant: ref, bucket })),
    );
    const refs = unique([
      ...annotations.tenants,
      ...recorded.map(({ tenant }) => tenant),
    ]);
    const servers = new Map([
      ...annotated,
      ...(await this.#readServers(refs.filter(ref => !annotated.has(ref)))),
    ]);

    const known = this.#allRefs(sources);
    const knownRefs = refs.filter(ref => known.includes(ref));
    const views = new Map(
      knownRefs
        .flatMap(ref => bucketsOf(ref, sources, servers))
        .map(view => [view.id, view]),
    );
    const owners = ownersOf(entity);
    const buckets: BucketView[] = [];
    const wanted = unique(
      [...annotations.buckets, ...recorded]
        .filter(({ tenant }) => known.includes(tenant))
        .map(({ tenant, bucket }) => `${tenant}:${bucket}`),
    );
    for (const id of wanted) {
      const view = views.get(id);
      const tenant = id.slice(0, id.lastIndexOf(':'));
      if (!view) {
        problems.push(bucketNotFound(id, tenant));
      } else if (!isOwnershipKnown(view, sources)) {
        problems.push(bucketOfUnknown(view));
      } else if (
        (view.owner || view.entity) &&
        view.entity !== entityRef &&
        !(view.owner && owners.includes(view.owner))
      ) {
        problems.push(bucketOfOther(view));
      } else {
        buckets.push(view);
      }
    }

    const isLinked = annotations.annotated || recorded.length > 0;
    return {
      entityRef,
      annotated: isLinked,
      suggestedAnnotations: isLinked
        ? undefined
        : suggestAnnotations({ entity, tenants: tenantsOf(sources) }),
      tenants: knownRefs.map(ref =>
        forUsers(describeTenant(ref, sources, servers)),
      ),
      buckets,
      problems: [
        ...problems,
        ...refs
          .filter(ref => !known.includes(ref))
          .flatMap(ref => problemsOfUnknown(ref, sources)),
        ...withoutNames(problemsOf(sources)),
        ...knownRefs.flatMap(ref => problemsOfTenant(ref, sources, servers)),
      ],
      ...ageOf([...sources.values(), ...readingsOf(servers)]),
    };
  }

  async observeTenant(ref: string): Promise<TenantObservation> {
    const cluster = clusterOf(ref);
    const source = this.#sources.get(cluster);
    if (!source) {
      return { ref, records: [], problems: [tenantNotFound(ref)] };
    }
    const { value, asOf, error } = await source.getNow();
    if (error || !value) {
      // A last good value is no observation.
      const problems = clusterProblem(cluster, { asOf, error });
      return { ref, records: [], problems };
    }
    // What is observed ends up on requests, which are read by people of one team.
    const problems = withoutNames(value.problems);
    const found = value.tenants.find(tenant => tenant.ref === ref);
    return found
      ? { ...found, problems }
      : { ref, records: [], problems: [...problems, tenantNotFound(ref)] };
  }

  clientFor(ref: string): RustfsClient | undefined {
    return this.#servers.get(ref)?.client;
  }

  invalidate(ref: string): void {
    this.#sources.get(clusterOf(ref))?.invalidate();
    this.#servers.get(ref)?.account.invalidate();
    this.#servers.get(ref)?.info.invalidate();
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

  async #readServers(refs: string[]): Promise<Servers> {
    const found = unique(refs).flatMap(ref => {
      const server = this.#servers.get(ref);
      return server ? [{ ref, server }] : [];
    });
    return new Map(
      await Promise.all(
        found.map(async ({ ref, server }) => {
          const [account, info] = await Promise.all([
            server.account.get(),
            server.info.get(),
          ]);
          const { endpoint } = server.client;
          return [ref, { endpoint, account, info }] as const;
        }),
      ),
    );
  }

  /** Tenants that the clusters have, and those that are configured. */
  #allRefs(sources: Sources): string[] {
    return unique([
      ...tenantsOf(sources).map(({ ref }) => ref),
      ...[...this.#servers.keys()].filter(ref => sources.has(clusterOf(ref))),
    ]).sort();
  }
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

/** A tenant to somebody who may only know their own storage there: an annotation can name any tenant. */
function forUsers(view: TenantView): TenantView {
  const { ref, state, reason, endpoint, asOf, freshness, problems } = view;
  return { ref, state, reason, endpoint, asOf, freshness, problems };
}

function bucketsOf(
  ref: string,
  sources: Sources,
  servers: Servers,
): BucketView[] {
  const declared = declarationOf(ref, sources);
  const server = servers.get(ref);
  const account = server?.account;
  const problem = account ? serverProblem(ref, account) : noAccess(ref);
  return deriveBuckets({
    tenant: ref,
    endpoint: server?.endpoint,
    declared: declared.value && {
      tenant: declared.value.tenant,
      records: declared.value.records ?? [],
    },
    live: account?.value && {
      buckets: account.value.buckets,
      asOf: account.asOf,
    },
    serverProblem: problem && {
      reason: account ? 'ServerUnreachable' : 'NoAccess',
      message: problem.message,
    },
    ...ageOf(account ? [declared, account] : [declared]),
  });
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
): Reading<Partial<SourcedTenant>> {
  const { asOf, error, value } = sources.get(clusterOf(ref)) ?? {
    asOf: new Date().toISOString(),
  };
  const found = value?.tenants.find(tenant => tenant.ref === ref);
  // What cannot be read may be this very Tenant.
  const isAbsent = value?.problems.every(
    ({ code }) => code !== 'object-unreadable',
  );
  return { asOf, error, value: found ?? (isAbsent ? {} : undefined) };
}

/** Whether the owner of a bucket, or that it has none, can be told. */
function isOwnershipKnown(
  { tenant, name }: BucketView,
  sources: Sources,
): boolean {
  const { value } = declarationOf(tenant, sources);
  return value !== undefined && !value.unreadRecords?.includes(name);
}

function problemsOfTenant(
  ref: string,
  sources: Sources,
  servers: Servers,
): Problem[] {
  const problems: Problem[] = [];
  const server = servers.get(ref);
  const declared = declarationOf(ref, sources);
  if (declared.value && !declared.value.tenant && !declared.error) {
    problems.push(tenantNotFound(ref));
  }
  if (!server) {
    problems.push(noAccess(ref));
  } else {
    const account = serverProblem(ref, server.account);
    const info = serverProblem(ref, server.info);
    // A server that is away fails both calls for one reason.
    problems.push(
      ...[account, account?.code === info?.code ? undefined : info].filter(
        problem => problem !== undefined,
      ),
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

function bucketNotFound(id: string, tenant: string): Problem {
  return {
    code: 'bucket-not-found',
    part: tenant,
    message: `The entity names bucket ${id}, and as far as can be seen neither Git nor the server has it`,
    hint: 'Check the annotation rustfs.com/buckets, or request the bucket.',
  };
}

function bucketOfUnknown(view: BucketView): Problem {
  return {
    code: 'bucket-owner-unknown',
    part: view.tenant,
    message: `The entity names bucket ${view.id}, and whose it is cannot be read at present, so it is not shown here`,
    hint: 'If this stays, ask the platform team: the list of tenants says what cannot be read.',
  };
}

function bucketOfOther(view: BucketView): Problem {
  return {
    code: 'bucket-of-other-owner',
    part: view.tenant,
    message: `The entity names bucket ${view.id}, which belongs to ${
      view.owner ?? view.entity
    } and is not shown here`,
    hint: 'If the bucket is meant to be of this service, change entity and owner in its record in Git.',
  };
}

function tenantsOf(sources: Sources): SourcedTenant[] {
  return [...sources.values()].flatMap(({ value }) => value?.tenants ?? []);
}

function readingsOf(servers: Servers): Array<Reading<unknown>> {
  return [...servers.values()].flatMap(({ account, info }) => [account, info]);
}

/** An answer is as old as its oldest part. */
function ageOf(readings: Array<Reading<unknown>>): Observed {
  return {
    asOf:
      readings.map(({ asOf }) => asOf).sort()[0] ?? new Date().toISOString(),
    freshness: readings.some(({ error }) => error) ? 'stale' : 'live',
  };
}

function clusterOf(ref: string): string {
  return ref.slice(0, ref.indexOf('/'));
}

function unique<T>(items: T[]): T[] {
  return [...new Set(items)];
}
