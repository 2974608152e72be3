import { ConflictError, ServiceUnavailableError } from '@backstage/errors';
import {
  AccessRecord,
  parseTenantRef,
  RequestSubject,
  SecretForm,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  AccessMode,
  KindContext,
  KnownSecret,
  KnownTenant,
  RequestKind,
  SetupOffer,
} from '@rustfs-portal/plugin-rustfs-node';
import { ConsumerConfig } from '../config';
import { fitsName } from '../fitsName';
import {
  GuardrailRule,
  Guardrails,
  isMappedTo,
  ownsPattern,
  resolveGuardrails,
} from '../guardrails';
import { Inventory } from '../inventory';
import { ConsumerStage, RequestStore } from '../ledger';

/** What could not be read for now, so that something may seem to be missing. */
const PASSING = new Set([
  'cluster-unreachable',
  'cluster-denied',
  'source-unreadable',
  'tenant-unreachable',
  'tenant-refused',
]);

/** Works out what a kind of request may look at. */
export class RequestContexts {
  readonly modes: AccessMode[];
  readonly forms: SecretForm[];
  readonly setup: SetupOffer;
  readonly #clusters: string[];
  readonly #consumers: ConsumerConfig[];
  readonly #guardrails: GuardrailRule[];
  readonly #inventory: Pick<
    Inventory,
    'getTenant' | 'listAccessRecords' | 'listBuckets' | 'observeTenant'
  >;
  readonly #store: Pick<RequestStore, 'listRequested'>;

  constructor(options: {
    clusters: string[];
    /** Where Secrets of workloads are declared that are not beside the records. */
    consumers?: ConsumerConfig[];
    forms: SecretForm[];
    guardrails: GuardrailRule[];
    inventory: Pick<
      Inventory,
      'getTenant' | 'listAccessRecords' | 'listBuckets' | 'observeTenant'
    >;
    modes: AccessMode[];
    setup: SetupOffer;
    store: Pick<RequestStore, 'listRequested'>;
  }) {
    this.#clusters = options.clusters;
    this.#consumers = options.consumers ?? [];
    this.forms = options.forms;
    this.#guardrails = options.guardrails;
    this.#inventory = options.inventory;
    this.modes = options.modes;
    this.setup = options.setup;
    this.#store = options.store;
  }

  resolve(owner: string, tenant: string): Guardrails {
    return resolveGuardrails(this.#guardrails, { owner, tenant });
  }

  /** Where the Secret of the workload is declared, when that is another place than that of the records. */
  stageOf(
    kind: RequestKind,
    { input }: StorageRequest,
    context: KindContext,
  ): ConsumerStage | undefined {
    const consumer = kind.consumer?.(input, context);
    const place = consumer && this.#findConsumer(consumer);
    if (!consumer || !place) {
      return undefined;
    }
    const { appliedBy, cluster, folder, writer } = place;
    const { access, namespace } = consumer;
    return {
      cluster,
      appliedBy,
      namespace,
      folder: folder?.split('{namespace}').join(namespace),
      writer,
      access,
    };
  }

  #findConsumer({
    cluster,
    namespace,
  }: {
    cluster: string;
    namespace: string;
  }) {
    return this.#consumers.find(
      place =>
        place.cluster === cluster &&
        place.namespaces.some(pattern => fitsName(namespace, pattern)),
    );
  }

  /**
   * @param options.new - something new is asked for, so it has to be known what is there
   * @throws ServiceUnavailableError when that cannot be told now
   */
  async of(
    entity: { ref: string; owner: string },
    tenant: string,
    options: { isNew: boolean },
  ): Promise<KindContext> {
    const [requested, { context, view }] = await Promise.all([
      this.#store.listRequested(tenant),
      this.#read(entity, tenant),
    ]);
    if (options.isNew && view && isServerUnread(view)) {
      throw new ServiceUnavailableError(
        `Which buckets there are on ${tenant} cannot be read at present, so nobody knows which names are free: try again later`,
      );
    }
    return { ...context, tenant: { ...context.tenant, requested } };
  }

  /**
   * What an open request is judged by: as {@link RequestContexts.of}, without what it holds and has brought itself. Names
   * that other requests hold are not looked at: the ledger keeps them apart.
   *
   * @returns also whether something could not be read, so that what seems to be missing may be there
   */
  async ofOpen(
    { entityRef, input, owner, subject }: StorageRequest,
    kind: RequestKind,
  ): Promise<{ context: KindContext; isComplete: boolean }> {
    const { context, isComplete } = await this.#read(
      { ref: entityRef, owner },
      subject.tenant,
    );
    const { tenant } = context;
    const brought: RequestSubject[] =
      kind.edits === 'new' ? kind.subjects(input) : [];
    const isOwn = (
      type: RequestSubject['type'],
      found: { name: string; owner?: string },
    ) =>
      found.owner === owner &&
      brought.some(own => own.type === type && own.name === found.name);
    const accesses = tenant.accesses.filter(
      ({ access: name, owner: of }) => !isOwn('access', { name, owner: of }),
    );
    const ownEntries = tenant.accesses.length - accesses.length;
    const withoutOwn = (entries: KnownTenant['users']) =>
      entries && { ...entries, declared: entries.declared - ownEntries };
    return {
      isComplete,
      context: {
        ...context,
        secrets: context.secrets.filter(
          ({ access: name, owner: of, tenant: on }) =>
            on !== tenant.ref || !isOwn('access', { name, owner: of }),
        ),
        tenant: {
          ...tenant,
          buckets: tenant.buckets.filter(bucket => !isOwn('bucket', bucket)),
          accesses,
          users: withoutOwn(tenant.users),
          policies: withoutOwn(tenant.policies),
          // It is there by this very request.
          layout: brought.some(({ type }) => type === 'setup')
            ? undefined
            : tenant.layout,
        },
      },
    };
  }

  /**
   * Makes sure that what an earlier stage of a request has made is still there.
   *
   * @throws ConflictError when it has ended, ServiceUnavailableError when that cannot be told now
   */
  async requireActive(
    { entityRef, input, owner, subject }: StorageRequest,
    kind: RequestKind,
  ): Promise<void> {
    if (kind.ends) {
      return;
    }
    const { context, isComplete } = await this.#read(
      { ref: entityRef, owner },
      subject.tenant,
    );
    const gone = kind
      .subjects(input)
      .find(
        ({ name, type }) =>
          type === 'access' &&
          !context.tenant.accesses.some(
            found =>
              found.access === name &&
              found.owner === owner &&
              found.state === 'active',
          ),
      );
    if (gone && !isComplete) {
      throw new ServiceUnavailableError(
        `Whether access ${gone.name} is still in effect on ${subject.tenant} cannot be read at present: try again later`,
      );
    }
    if (gone) {
      throw new ConflictError(
        `Access ${gone.name} on ${subject.tenant} has ended, so its Secret would hold a key that does not work: ask for a new access under another name`,
      );
    }
  }

  async #read(entity: { ref: string; owner: string }, tenant: string) {
    const { owner } = entity;
    const [view, buckets, seen, everywhere] = await Promise.all([
      this.#inventory.getTenant(tenant),
      this.#inventory.listBuckets([tenant]),
      this.#inventory.observeTenant(tenant),
      this.#inventory.listAccessRecords(),
    ]);
    const isMine = (name: string) =>
      isMappedTo(this.#guardrails, { tenant, name, owners: [owner] });
    const {
      accesses = [],
      layout,
      limits,
      setup,
      unreadRecords = [],
    } = seen.facts ?? {};
    const isUnread = (name: string) => unreadRecords.includes(name);
    const context: KindContext = {
      entityRef: entity.ref,
      owner,
      guardrails: this.resolve(owner, tenant),
      tenant: {
        ref: tenant,
        buckets: [
          ...buckets.items
            .filter(({ name }) => !isUnread(name))
            .map(bucket => ({
              name: bucket.name,
              owner: bucket.owner ?? (isMine(bucket.name) ? owner : undefined),
              quotaBytes:
                bucket.declared?.quotaBytes ?? bucket.live?.quotaBytes,
            })),
          // There is a record, and nobody knows whose bucket it says it is: a name says less than a record.
          ...unreadRecords.map(name => ({ name, isUnread: true })),
        ],
        accesses,
        requested: { bucket: [], access: [], secret: [], setup: [] },
        users: limits?.users,
        policies: limits?.policies,
        layout,
        setup: setup && { namespace: setup.namespace },
      },
      secrets: [
        ...accesses.map(record => ({ tenant, record })),
        // What was observed of this one is newer.
        ...everywhere.filter(other => other.tenant !== tenant),
      ].flatMap(toSecret),
      modes: this.modes,
      forms: this.forms,
      setup: this.setup,
      clusters: this.#clusters,
      takesSecrets: consumer =>
        consumer.cluster === parseTenantRef(tenant).cluster ||
        this.#findConsumer(consumer) !== undefined,
      ownsPattern: pattern =>
        ownsPattern(this.#guardrails, { owner, tenant, pattern }),
    };
    const cluster = tenant.split('/')[0];
    const problems = [...buckets.problems, ...seen.problems];
    return {
      context,
      view,
      isComplete: !problems.some(
        ({ code, part }) =>
          PASSING.has(code) && (part === tenant || part === cluster),
      ),
    };
  }
}

/** The Secret of an access, as long as that has not ended. */
function toSecret({
  record,
  tenant,
}: {
  record: AccessRecord;
  tenant: string;
}): KnownSecret[] {
  const { access, consumer, owner, state } = record;
  const { cluster, namespace, secret } = consumer;
  return state === 'active'
    ? [{ cluster, namespace, secret, tenant, access, owner }]
    : [];
}

/** Whether the portal has never learned what is on a server that it is meant to know. */
export function isServerUnread({ buckets, problems }: TenantView): boolean {
  return (
    buckets === undefined &&
    problems.every(({ code }) => code !== 'tenant-not-configured')
  );
}
