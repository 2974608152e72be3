import { SettledItem } from '@rustfs-portal/plugin-rustfs-common';
import { Knex } from 'knex';
import { SettledItems, SettingsStore } from './SettingsStore';

interface SettledRow {
  tenant: string;
  key: string;
  result: string;
  item: string;
}

/** Rows of one statement; databases limit the number of values. */
const ROWS_PER_STATEMENT = 100;

/** {@link SettingsStore} in the database that all replicas share. */
export class DatabaseSettingsStore implements SettingsStore {
  readonly #client: Knex;

  constructor(client: Knex) {
    this.#client = client;
  }

  async read(tenant: string): Promise<SettledItems> {
    const rows = await this.#client<SettledRow>('settled_records').where({
      tenant,
    });
    return Object.fromEntries(rows.map(({ key, item }) => [key, parse(item)]));
  }

  async listOpen(tenants: string[]): Promise<Record<string, SettledItems>> {
    const open: Record<string, SettledItems> = {};
    for (const some of inParts(tenants)) {
      const rows = await this.#client<SettledRow>('settled_records')
        .whereIn('tenant', some)
        .whereIn('result', ['drift', 'failed', 'waiting']);
      for (const { tenant, key, item } of rows) {
        open[tenant] ??= {};
        open[tenant][key] = parse(item);
      }
    }
    return open;
  }

  async write(
    tenant: string,
    { items, removed = [] }: { items: SettledItems; removed?: string[] },
  ): Promise<void> {
    const rows = Object.entries(items)
      .map(([key, item]) => ({
        tenant,
        key,
        result: item.result,
        item: JSON.stringify(item),
      }))
      // In one order always, so that two that write at once do not wait for each other.
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    await this.#client.transaction(async tx => {
      for (const some of inParts(rows)) {
        await tx<SettledRow>('settled_records')
          .insert(some)
          .onConflict(['tenant', 'key'])
          .merge();
      }
      for (const some of inParts(removed)) {
        await tx<SettledRow>('settled_records')
          .where({ tenant })
          .whereIn('key', some)
          .delete();
      }
    });
  }
}

/** Only this class writes it. */
function parse(item: string): SettledItem {
  return JSON.parse(item) as SettledItem;
}

function inParts<T>(items: T[]): T[][] {
  const parts: T[][] = [];
  for (let start = 0; start < items.length; start += ROWS_PER_STATEMENT) {
    parts.push(items.slice(start, start + ROWS_PER_STATEMENT));
  }
  return parts;
}
