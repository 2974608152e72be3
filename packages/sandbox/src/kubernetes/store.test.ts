import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ObjectStore } from './store';

describe('ObjectStore', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'object-store-'));
  const store = ObjectStore.open(dataDir);

  afterAll(() => {
    store.close();
    rmSync(dataDir, { recursive: true });
  });

  it('remembers the recent changes and says so when it has forgotten', () => {
    const start = store.resourceVersion;
    for (let count = 0; count < 4100; count += 1) {
      store.put('configmaps', {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'a', namespace: 'b' },
        data: { count: String(count) },
      });
    }
    expect(store.changesSince(start)).toBe('expired');
    expect(store.changesSince(store.resourceVersion - 1500)).toHaveLength(1500);
    expect(store.changesSince(store.resourceVersion)).toEqual([]);
  });
});
