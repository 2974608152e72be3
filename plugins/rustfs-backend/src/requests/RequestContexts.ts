import { ServiceUnavailableError } from '@backstage/errors';
import { SecretForm, TenantView } from '@rustfs-portal/plugin-rustfs-common';
import { AccessMode, KindContext } from '@rustfs-portal/plugin-rustfs-node';
import {
  GuardrailRule,
  Guardrails,
  isMappedTo,
  ownsPattern,
  resolveGuardrails,
} from '../guardrails';
import { Inventory } from '../inventory';
import { RequestStore } from '../ledger';

/** The operator's schema takes no more users, and no more policies. */
const MAX_ENTRIES = 256;

/** Works out what a kind of request may look at. */
export class RequestContexts {
  readonly modes: AccessMode[];
  readonly forms: SecretForm[];
  readonly #clusters: string[];
  readonly #guardrails: GuardrailRule[];
  readonly #inventory: Pick<
    Inventory,
    'getTenant' | 'listBuckets' | 'observeTenant'
  >;
  readonly #store: Pick<RequestStore, 'listRequested'>;

  constructor(options: {
    clusters: string[];
    forms: SecretForm[];
    guardrails: GuardrailRule[];
    inventory: Pick<Inventory, 'getTenant' | 'listBuckets' | 'observeTenant'>;
    modes: AccessMode[];
    store: Pick<RequestStore, 'listRequested'>;
  }) {
    this.#clusters = options.clusters;
    this.forms = options.forms;
    this.#guardrails = options.guardrails;
    this.#inventory = options.inventory;
    this.modes = options.modes;
    this.#store = options.store;
  }

  resolve(owner: string, tenant: string): Guardrails {
    return resolveGuardrails(this.#guardrails, { owner, tenant });
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
    const { owner } = entity;
    const [view, buckets, requested, seen] = await Promise.all([
      this.#inventory.getTenant(tenant),
      this.#inventory.listBuckets([tenant]),
      this.#store.listRequested(tenant),
      this.#inventory.observeTenant(tenant),
    ]);
    if (options.isNew && view && isServerUnread(view)) {
      throw new ServiceUnavailableError(
        `Which buckets there are on ${tenant} cannot be read at present, so nobody knows which names are free: try again later`,
      );
    }
    const isMine = (name: string) =>
      isMappedTo(this.#guardrails, { tenant, name, owners: [owner] });
    const spec = seen.tenant?.spec;
    return {
      entityRef: entity.ref,
      owner,
      guardrails: this.resolve(owner, tenant),
      tenant: {
        ref: tenant,
        buckets: buckets.items.map(bucket => ({
          name: bucket.name,
          owner: bucket.owner ?? (isMine(bucket.name) ? owner : undefined),
          quotaBytes: bucket.declared?.quotaBytes ?? bucket.live?.quotaBytes,
        })),
        accesses: seen.accesses ?? [],
        requested,
        ...(spec && {
          users: { declared: spec.users?.length ?? 0, limit: MAX_ENTRIES },
          policies: {
            declared: spec.policies?.length ?? 0,
            limit: MAX_ENTRIES,
          },
        }),
      },
      modes: this.modes,
      forms: this.forms,
      clusters: this.#clusters,
      ownsPattern: pattern =>
        ownsPattern(this.#guardrails, { owner, tenant, pattern }),
    };
  }
}

/** Whether the portal has never learned what is on a server that it is meant to know. */
export function isServerUnread({ buckets, problems }: TenantView): boolean {
  return (
    buckets === undefined &&
    problems.every(({ code }) => code !== 'tenant-not-configured')
  );
}
