import { AuditorService, LoggerService } from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import {
  SettleChange,
  settleSettings,
  VersionedRecord,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  BucketRecord,
  setupItemKey,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import pLimit from 'p-limit';
import { GuardrailRule, resolveGuardrails } from '../guardrails';
import { Inventory } from '../inventory';
import { shuffle } from '../shuffle';
import { declaredSettings } from './declaredSettings';
import { recordVersion } from './recordVersion';
import { isSettledByPortal } from './isSettledByPortal';
import { SettledItems, SettingsStore } from './SettingsStore';

/** Servers that are worked on in parallel. */
const PARALLEL = 4;

/**
 * Makes servers agree with the bucket records that are applied in the clusters, where no setup program does: quotas and all
 * else that the operator of a Tenant has no word for, of the buckets that it has made. A record that has changed, or that a request waits for, is brought about.
 * What somebody has changed on the server since is reported, or set back where its record or a guardrail says so, and so is what a record
 * says of which nothing is known yet: an empty table must not undo what people did. Per tenant it takes two calls for lists,
 * those for the records that changed, and those for 50 others in turn; per cluster one reading.
 */
export class SettingsTask {
  readonly #auditor: AuditorService;
  readonly #guardrails: GuardrailRule[];
  readonly #inventory: Pick<
    Inventory,
    'invalidate' | 'observeTenant' | 'observeTenants' | 'settlerFor'
  >;
  readonly #logger: LoggerService;
  readonly #store: Pick<SettingsStore, 'read' | 'write'>;

  constructor(options: {
    auditor: AuditorService;
    guardrails: GuardrailRule[];
    inventory: Pick<
      Inventory,
      'invalidate' | 'observeTenant' | 'observeTenants' | 'settlerFor'
    >;
    logger: LoggerService;
    store: Pick<SettingsStore, 'read' | 'write'>;
  }) {
    this.#auditor = options.auditor;
    this.#guardrails = options.guardrails;
    this.#inventory = options.inventory;
    this.#logger = options.logger;
    this.#store = options.store;
  }

  /** One run over all tenants whose clusters say now what is declared. One that fails does not stop the others. */
  async run(signal?: AbortSignal): Promise<void> {
    const tenants = await this.#inventory.observeTenants();
    await this.#forEach(
      tenants,
      ({ ref }) => ref,
      signal,
      facts => this.#settle(facts, { signal }),
    );
  }

  /**
   * Sets buckets that requests wait for, and looks at no other. It may run beside {@link run}: both set the same.
   *
   * @param buckets - by tenant ref
   */
  async settleNow(
    buckets: Map<string, Set<string>>,
    signal?: AbortSignal,
  ): Promise<void> {
    const refOf = ([ref]: [string, Set<string>]) => ref;
    await this.#forEach([...buckets], refOf, signal, async ([ref, names]) => {
      const { facts } = await this.#inventory.observeTenant(ref);
      const asked = new Set(
        [...names].map(name => setupItemKey('bucket', name)),
      );
      if (facts) {
        await this.#settle(facts, { asked, signal });
      }
    });
  }

  /** One that fails does not stop the others. */
  async #forEach<T>(
    tenants: T[],
    refOf: (tenant: T) => string,
    signal: AbortSignal | undefined,
    work: (tenant: T) => Promise<void>,
  ): Promise<void> {
    const limit = pLimit(PARALLEL);
    await Promise.all(
      shuffle(tenants).map(tenant =>
        limit(async () => {
          if (signal?.aborted) {
            return;
          }
          try {
            await work(tenant);
          } catch (error) {
            assertError(error);
            this.#logger.error(
              `Could not settle the buckets of ${refOf(tenant)}`,
              error,
            );
          }
        }),
      ),
    );
  }

  async #settle(
    facts: TenantFacts,
    { asked, signal }: { asked?: Set<string>; signal?: AbortSignal },
  ): Promise<void> {
    const { ref } = facts;
    if (!isSettledByPortal(facts)) {
      return;
    }
    const client = this.#inventory.settlerFor(ref);
    if (!client) {
      return;
    }
    const { made, held } = sortOut(facts);
    const known = await this.#store.read(ref);
    // Nothing is looked at there, and what was said of it stays.
    const before = Object.fromEntries(
      Object.entries(known).filter(([key]) => !held.has(key)),
    );
    const records = this.#recordsOf(facts, made);
    if (records.length === 0 && Object.keys(before).length === 0) {
      return;
    }
    const settled = await settleSettings({
      records,
      before,
      asked,
      client,
      program: 'the portal',
      signal,
      makeChange: (change, make) =>
        this.#audit(
          { ref, record: made.get(change.key)?.record },
          change,
          make,
        ),
      observeFault: ({ key, error }) => {
        assertError(error);
        this.#logger.error(`Could not settle ${key} of ${ref}`, error);
      },
      progress: ({ items }) => this.#store.write(ref, { items }),
    });
    const { items, removed, stopped } = settled;
    await this.#store.write(ref, { items, removed });
    if (stopped) {
      // Lists and pages say it too, from their own look at the server.
      this.#logger.debug(
        `Settling the buckets of ${ref} was stopped: ${stopped.message}`,
      );
    }
    if (isNews(items, before)) {
      this.#inventory.invalidate(ref);
    }
  }

  #recordsOf(
    { ref, unreadRecords }: TenantFacts,
    made: Map<string, MadeBucket>,
  ): VersionedRecord[] {
    return [
      ...[...made.values()].map(({ item, record }) => ({
        type: 'bucket' as const,
        name: record.bucket,
        uid: record.bucket,
        resourceVersion: recordVersion(record),
        record: this.#withDrift(ref, setByPortal(record, item)),
      })),
      ...unreadRecords.map(bucket => ({
        type: 'bucket' as const,
        name: bucket,
        uid: bucket,
        resourceVersion: '',
        wrong: `The record of bucket ${bucket} cannot be read, or there is more than one`,
      })),
    ];
  }

  /** What a record does not say itself, the guardrails of its owner say. */
  #withDrift(tenant: string, record: BucketRecord): BucketRecord {
    const { drift } = resolveGuardrails(this.#guardrails, {
      owner: record.owner ?? '',
      tenant,
    });
    return { ...record, drift: record.drift ?? drift };
  }

  /** Nobody asked for this write just now, so its event names what did: the record, and the request that brought it. */
  async #audit(
    { record, ref }: { ref: string; record?: BucketRecord },
    { words }: SettleChange,
    make: () => Promise<void>,
  ): Promise<void> {
    const event = await this.#auditor.createEvent({
      eventId: 'bucket-setting',
      severityLevel: 'medium',
      meta: {
        tenant: ref,
        change: words,
        ...(record && { bucket: record.bucket }),
        ...(record?.request && { request: record.request }),
      },
    });
    try {
      await make();
    } catch (error) {
      assertError(error);
      await event.fail({ error });
      throw error;
    }
    await event.success();
  }
}

/** A bucket that the provisioner has made. */
interface MadeBucket {
  record: BucketRecord;
  item: ProvisionedItem;
}

/** What a record says, without what another host sets. */
function setByPortal(
  record: BucketRecord,
  item: ProvisionedItem,
): BucketRecord {
  return declaredSettings(item, record).versioningBy === 'entry'
    ? { ...record, versioning: undefined }
    : record;
}

/**
 * The records of buckets that the provisioner has made, by key, and the keys of those that it has still to make, or cannot: it may be
 * somebody else's bucket that has that name. A record of what the tenant does not list is a record of nothing.
 */
function sortOut({ items, records }: TenantFacts): {
  made: Map<string, MadeBucket>;
  held: Set<string>;
} {
  const listed = new Map(
    items
      .filter(item => item.listed && item.type === 'bucket')
      .map(item => [item.name, item]),
  );
  const made = new Map<string, MadeBucket>();
  const held = new Set<string>();
  for (const record of records) {
    const key = setupItemKey('bucket', record.bucket);
    const item = listed.get(record.bucket);
    const state = item?.verdict.state;
    if (item && (state === 'ready' || state === 'drift')) {
      made.set(key, { record, item });
    } else if (item) {
      held.add(key);
    }
  }
  return { made, held };
}

function isNews(items: SettledItems, before: SettledItems): boolean {
  return Object.entries(items).some(
    ([key, { at, resourceVersion }]) =>
      at !== before[key]?.at || resourceVersion !== before[key].resourceVersion,
  );
}
