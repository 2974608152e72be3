import { aBucket } from '../__testUtils__/fixtures';
import {
  byAttention,
  searchBuckets,
  sortBuckets,
  worstFinding,
} from './buckets';
import { bucketsCsv } from './csv';
import { parseDiff } from './diff';
import { filterBuckets } from './filters';
import { joinQuota, splitQuota } from './form';

const GIB = 2 ** 30;
const sized = (name: string, sizeBytes: number | undefined) =>
  aBucket({ name, live: { ...aBucket().live!, sizeBytes } });

describe('lists of buckets', () => {
  it('sort by size in both directions with the unknown last', () => {
    const buckets = [sized('b', undefined), sized('a', 1), sized('c', 3)];
    const names = (direction: 'ascending' | 'descending') =>
      sortBuckets(buckets, { column: 'size', direction }).map(b => b.name);
    expect(names('ascending')).toEqual(['a', 'c', 'b']);
    expect(names('descending')).toEqual(['c', 'a', 'b']);
  });

  it('begin with what needs a look: what failed, then what is fullest', () => {
    const buckets = [
      sized('a', 1),
      sized('b', 40 * GIB),
      aBucket({ name: 'c', state: 'failed', live: undefined }),
      sized('d', 1),
    ];
    expect(byAttention(buckets).map(b => b.name)).toEqual(['c', 'b', 'a', 'd']);
  });

  it('are searched by name and owner', () => {
    const buckets = [
      aBucket(),
      aBucket({ name: 'media', owner: 'group:default/media', entity: 'x' }),
    ];
    expect(searchBuckets(buckets, ' CHECKOUT ')).toHaveLength(1);
    expect(searchBuckets(buckets, 'group:default/media')).toHaveLength(1);
  });

  it('are narrowed to those near their quota, never by unknown sizes', () => {
    const buckets = [
      sized('near', 40 * GIB),
      sized('far', 10 * GIB),
      sized('unknown', undefined),
    ];
    expect(
      filterBuckets(buckets, { filter: 'nearQuota' }).map(b => b.name),
    ).toEqual(['near']);
  });

  it('need attention for whatever a storage card would name', () => {
    const drift = { field: 'quota', declared: '50Gi', live: 'none' } as const;
    const buckets = [
      sized('well', 10 * GIB),
      sized('nearly-full', 44 * GIB),
      aBucket({ name: 'missing', state: 'missing', live: undefined }),
      aBucket({ name: 'differs', drift: [drift] }),
      aBucket({ name: 'differs-in-tags', reason: 'Drift', message: 'tags' }),
      aBucket({ name: 'coming', state: 'pending', live: undefined }),
    ];
    const found = filterBuckets(buckets, { filter: 'attention' });
    expect(found.map(b => b.name)).toEqual([
      'nearly-full',
      'missing',
      'differs',
      'differs-in-tags',
    ]);
    for (const bucket of buckets) {
      const finding = worstFinding({ buckets: [bucket], tenants: [] });
      expect(found.includes(bucket)).toBe(finding !== undefined);
    }
  });

  it('are written as CSV that no spreadsheet runs', () => {
    const csv = bucketsCsv([aBucket({ owner: '=cmd,"x"' })]);
    expect(csv.split('\r\n')[1]).toContain(`"'=cmd,""x""",component:default`);
  });
});

describe('the request form', () => {
  it.each([
    ['10Gi', { amount: 10, unit: 'Gi' }],
    ['1.5Ti', { amount: 1.5, unit: 'Ti' }],
    ['1073741824', { amount: 1, unit: 'Gi' }],
    [undefined, { amount: undefined, unit: 'Gi' }],
    ['much', { amount: undefined, unit: 'Gi' }],
  ])('reads the quota %s', (quota, parts) => {
    expect(splitQuota(quota)).toEqual(parts);
  });

  it('writes no quota for no amount', () => {
    expect(joinQuota({ amount: undefined, unit: 'Gi' })).toBeUndefined();
    expect(joinQuota({ amount: 1.5, unit: 'Ti' })).toBe('1.5Ti');
  });
});

describe('parseDiff', () => {
  it('leaves out the header and keeps lines that look like one', () => {
    expect(
      parseDiff('--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n---\n+++ y\n z\n'),
    ).toEqual([
      { kind: 'hunk', text: '@@ -1,2 +1,2 @@' },
      { kind: 'removed', text: '--' },
      { kind: 'added', text: '++ y' },
      { kind: 'context', text: 'z' },
    ]);
  });
});
