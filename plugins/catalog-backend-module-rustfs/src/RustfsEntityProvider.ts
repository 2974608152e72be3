import {
  AuthService,
  LoggerService,
  SchedulerServiceTaskRunner,
} from '@backstage/backend-plugin-api';
import { Entity, RELATION_OWNED_BY } from '@backstage/catalog-model';
import { assertError } from '@backstage/errors';
import {
  CatalogService,
  EntityProvider,
  EntityProviderConnection,
} from '@backstage/plugin-catalog-node';
import { EventsService } from '@backstage/plugin-events-node';
import {
  BucketView,
  Problem,
  REQUEST_EVENT_TOPIC,
  RESOURCE_TYPE_BUCKET,
  RESOURCE_TYPE_TENANT,
  RustfsApi,
} from '@rustfs-portal/plugin-rustfs-common';
import { idOf, toResources, withoutCatalogFields } from './resources';

/** Problems after which the list is still all there is. */
const HARMLESS = [
  'catalog-unreadable',
  'gitops-unreadable',
  'record-misplaced',
  'settings-unreadable',
  'setup-silent',
  'tenant-not-configured',
  'tenant-not-found',
  'users-unreadable',
  'workload-unclear',
];

/**
 * Problems with which something of a part may be missing, or have lost its owner, and the rest is as it should be. Of a
 * tenant that two places declare nothing counts until one of them is gone.
 */
const INCOMPLETE = [
  'object-unreadable',
  'source-unreadable',
  'tenant-conflict',
];

/** Longer than the backend needs for clusters and servers that do not answer. */
const CALL_TIMEOUT_MS = 20_000;

/** Long for the catalog as well, whose client has no limit of its own: one round that hangs would keep off all others. */
const REFRESH_TIMEOUT_MS = 60_000;

/**
 * Tenants, and where that is wanted buckets, as `Resource` entities. Reads them on a schedule, and at once when a request became ready.
 *
 * The resources of a tenant or cluster that cannot be read at present stay as the catalog has them.
 *
 * @public
 */
export class RustfsEntityProvider implements EntityProvider {
  readonly #api: Pick<RustfsApi, 'listTenants' | 'listBuckets'>;
  readonly #auth: AuthService;
  readonly #buckets: boolean;
  readonly #catalog: CatalogService;
  readonly #defaultOwner: string;
  readonly #linkEntities: boolean;
  readonly #events: EventsService;
  readonly #logger: LoggerService;
  readonly #taskRunner: SchedulerServiceTaskRunner;
  #connection?: EntityProviderConnection;
  #running: Promise<void> = Promise.resolve();

  constructor(options: {
    api: Pick<RustfsApi, 'listTenants' | 'listBuckets'>;
    auth: AuthService;
    /** Whether there are entities of buckets. */
    buckets: boolean;
    catalog: CatalogService;
    /** Entity ref, for tenants and for buckets whose owner is not known. */
    defaultOwner: string;
    /** Whether an entity is related to the buckets that are recorded for it and its owner. */
    linkEntities: boolean;
    events: EventsService;
    logger: LoggerService;
    taskRunner: SchedulerServiceTaskRunner;
  }) {
    this.#api = options.api;
    this.#auth = options.auth;
    this.#buckets = options.buckets;
    this.#catalog = options.catalog;
    this.#defaultOwner = options.defaultOwner;
    this.#linkEntities = options.linkEntities;
    this.#events = options.events;
    this.#logger = options.logger.child({ target: this.getProviderName() });
    this.#taskRunner = options.taskRunner;
  }

  getProviderName(): string {
    return 'rustfs';
  }

  async connect(connection: EntityProviderConnection): Promise<void> {
    this.#connection = connection;
    await this.#events.subscribe({
      id: 'catalog-rustfs-entity-provider',
      topics: [REQUEST_EVENT_TOPIC],
      onEvent: async ({ eventPayload }) => {
        if (hasState(eventPayload, 'ready')) {
          await this.#refreshOrLog();
        }
      },
    });
    await this.#taskRunner.run({
      id: 'rustfs-entity-provider:refresh',
      fn: () => this.#refreshOrLog(),
    });
  }

  /** Reads everything and hands it to the catalog; calls run one after the other, so that an older list never wins. */
  async refresh(): Promise<void> {
    const run = this.#running.then(() => {
      const signal = AbortSignal.timeout(REFRESH_TIMEOUT_MS);
      return Promise.race([this.#refresh(signal), rejectAtEndOf(signal)]);
    });
    this.#running = run.catch(() => undefined);
    await run;
  }

  async #refreshOrLog(): Promise<void> {
    try {
      await this.refresh();
    } catch (error) {
      assertError(error);
      this.#logger.warn(
        `Tenants and buckets could not be read, the catalog keeps what it has: ${error.message}`,
      );
    }
  }

  async #refresh(signal: AbortSignal): Promise<void> {
    if (!this.#connection) {
      throw new Error('The catalog has not connected the provider yet');
    }
    const { token } = await this.#auth.getPluginRequestToken({
      onBehalfOf: await this.#auth.getOwnServiceCredentials(),
      targetPluginId: 'rustfs',
    });
    const options = { token, signal: AbortSignal.timeout(CALL_TIMEOUT_MS) };
    const [tenants, buckets] = await Promise.all([
      this.#api.listTenants(options),
      this.#buckets
        ? this.#api.listBuckets(options)
        : { items: [], problems: [] },
    ]);
    const owners = this.#linkEntities
      ? await this.#readOwners(buckets.items)
      : new Map<string, string[]>();
    const entities = await this.#keepUnread(
      toResources({
        tenants: tenants.items,
        buckets: buckets.items,
        defaultOwner: this.#defaultOwner,
        isLinked: ({ entity, owner }) =>
          owner !== undefined &&
          Boolean(entity && owners.get(entity)?.includes(owner)),
      }),
      [...tenants.problems, ...buckets.problems],
    );
    // What comes after the time is older than what the next round may have read.
    signal.throwIfAborted();
    await this.#connection.applyMutation({
      type: 'full',
      entities: entities.map(entity => ({
        entity,
        locationKey: this.getProviderName(),
      })),
    });
  }

  /**
   * Who owns the entities that buckets are recorded for, by entity ref. A record that names another owner than the entity
   * has is not for those who read that entity.
   */
  async #readOwners(buckets: BucketView[]): Promise<Map<string, string[]>> {
    const entityRefs = [...new Set(buckets.flatMap(b => b.entity ?? []))];
    const { items } = await this.#catalog.getEntitiesByRefs(
      {
        entityRefs,
        fields: ['kind', 'metadata.name', 'metadata.namespace', 'relations'],
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    return new Map(
      entityRefs.map((ref, index) => [
        ref,
        (items[index]?.relations ?? [])
          .filter(({ type }) => type === RELATION_OWNED_BY)
          .map(({ targetRef }) => targetRef.toLowerCase()),
      ]),
    );
  }

  /**
   * A full mutation removes what is not in it, and a list with problems is not all there is. What the catalog has of
   * those parts is put back: instead of what is left when a cluster is away, because owners come from there; otherwise
   * where something is missing, or has lost its owner with a declaration that cannot be read.
   */
  async #keepUnread(
    entities: Entity[],
    problems: Problem[],
  ): Promise<Entity[]> {
    const serious = problems.filter(({ code }) => !HARMLESS.includes(code));
    if (serious.length === 0) {
      return entities;
    }
    const partsWith = (isMeant: (code: string) => boolean) =>
      new Set(
        serious.filter(({ code }) => isMeant(code)).map(({ part }) => part),
      );
    const away = partsWith(code => !INCOMPLETE.includes(code));
    const incomplete = partsWith(code => INCOMPLETE.includes(code));
    const known = await this.#catalog.getEntities(
      {
        filter: {
          kind: 'Resource',
          'spec.type': this.#buckets
            ? [RESOURCE_TYPE_TENANT, RESOURCE_TYPE_BUCKET]
            : [RESOURCE_TYPE_TENANT],
        },
      },
      { credentials: await this.#auth.getOwnServiceCredentials() },
    );
    const current = new Map(entities.map(entity => [idOf(entity)!, entity]));
    for (const entity of known.items) {
      const id = idOf(entity);
      if (id === undefined) {
        continue;
      }
      const [tenant] = id.split(':');
      const [cluster] = tenant.split('/');
      const now = current.get(id);
      const isOwned = now && now.spec?.ownedBy !== this.#defaultOwner;
      const isKept =
        away.has(cluster) ||
        (away.has(tenant) && !now) ||
        ([cluster, tenant].some(part => incomplete.has(part)) && !isOwned);
      if (isKept) {
        current.set(id, withoutCatalogFields(entity));
      }
    }
    return withoutNameClashes([...current.values()]);
  }
}

/** Names depend on what else is there, so one that was kept may have been given away meanwhile: the kept one yields. */
function withoutNameClashes(entities: Entity[]): Entity[] {
  return [
    ...new Map(
      [...entities].reverse().map(entity => [entity.metadata.name, entity]),
    ).values(),
  ].reverse();
}

function rejectAtEndOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () =>
      reject(new Error('The catalog did not answer in time')),
    );
  });
}

function hasState(payload: unknown, state: string): boolean {
  return (
    typeof payload === 'object' &&
    payload !== null &&
    Reflect.get(payload, 'state') === state
  );
}
