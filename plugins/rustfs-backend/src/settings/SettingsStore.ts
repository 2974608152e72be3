import { SettledItem } from '@rustfs-portal/plugin-rustfs-common';

/** What was said of the bucket records of a tenant, by {@link setupItemKey}. */
export type SettledItems = Record<string, SettledItem>;

/** Keeps what the settings task said last of each bucket record, for its next run and for those who look. */
export interface SettingsStore {
  read(tenant: string): Promise<SettledItems>;
  /** What is not as its record says, by tenant ref: few, however many records there are. Tenants without any are left out. */
  listOpen(tenants: string[]): Promise<Record<string, SettledItems>>;
  /** Adds and replaces what is said, and forgets what the keys in `removed` stand for. */
  write(
    tenant: string,
    changes: { items: SettledItems; removed?: string[] },
  ): Promise<void>;
}
