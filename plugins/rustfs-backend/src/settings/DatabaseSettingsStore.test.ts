import { TestDatabaseId, TestDatabases } from '@backstage/backend-test-utils';
import { SettledItem } from '@rustfs-portal/plugin-rustfs-common';
import { migrationsDirectory } from '../ledger';
import { DatabaseSettingsStore } from './DatabaseSettingsStore';

// PostgreSQL takes part where a server is named; no container is started for it.
const ids: TestDatabaseId[] = process.env
  .BACKSTAGE_TEST_DATABASE_POSTGRES16_CONNECTION_STRING
  ? ['SQLITE_3', 'POSTGRES_16']
  : ['SQLITE_3'];

const APPS = 'atlas/storage/apps';
const MEDIA = 'atlas/storage/media';
const AT = '2026-11-29T10:00:00.000Z';

function itemOf(change: Partial<SettledItem> = {}): SettledItem {
  return {
    uid: 'u',
    resourceVersion: '1',
    result: 'done',
    reason: 'Settled',
    message: 'It is as the record says',
    at: AT,
    checkedAt: AT,
    ...change,
  };
}

describe('what the settings task has said', () => {
  const databases = TestDatabases.create({ ids, disableDocker: true });

  describe.each(ids)('on %s', id => {
    async function createStore() {
      const client = await databases.init(id);
      await client.migrate.latest({ directory: migrationsDirectory });
      return new DatabaseSettingsStore(client);
    }

    it('is kept for each tenant, replaced, and forgotten', async () => {
      const store = await createStore();
      const drift = itemOf({ result: 'drift', reason: 'Drift' });
      await store.write(APPS, {
        items: { 'bucket.a': itemOf(), 'bucket.b': itemOf() },
      });
      await store.write(MEDIA, { items: { 'bucket.a': itemOf() } });
      await store.write(APPS, {
        items: { 'bucket.a': drift },
        removed: ['bucket.b'],
      });
      expect(await store.read(APPS)).toEqual({ 'bucket.a': drift });
      expect(await store.read(MEDIA)).toEqual({ 'bucket.a': itemOf() });
      await store.write(MEDIA, { items: { 'bucket.b': drift } });
      expect(await store.listOpen([APPS, 'atlas/storage/none'])).toEqual({
        [APPS]: { 'bucket.a': drift },
      });
      expect(await store.listOpen([])).toEqual({});
    });

    it('may be of thousands of records, of two replicas at once', async () => {
      const store = await createStore();
      const keys = Array.from({ length: 2_500 }, (_, n) => `bucket.b-${n}`);
      const itemsIn = (order: string[]) =>
        Object.fromEntries(order.map(key => [key, itemOf()]));
      await Promise.all([
        store.write(APPS, { items: itemsIn(keys) }),
        store.write(APPS, { items: itemsIn([...keys].reverse()) }),
      ]);
      expect(Object.keys(await store.read(APPS))).toHaveLength(2_500);
      await store.write(APPS, { items: {}, removed: keys });
      expect(await store.read(APPS)).toEqual({});
    });
  });
});
