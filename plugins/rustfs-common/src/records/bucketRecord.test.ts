import fc from 'fast-check';
import { BucketDeclared } from '../declarations';
import { parseBytes } from '../quantity';
import { readBucketRecordData, toBucketRecordData } from './bucketRecord';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{2,12}[a-z0-9]$/);

const bucket: fc.Arbitrary<BucketDeclared> = fc.record({
  type: fc.constant('bucket' as const),
  name,
  owner: name.map(text => `group:default/${text}`),
  entity: name.map(text => `component:default/${text}`),
  purpose: name,
  dataClass: name,
  quota: fc.option(
    fc.integer({ min: 1, max: 900 }).map(number => `${number}Gi`),
    { nil: undefined },
  ),
  versioning: fc.boolean(),
  objectLock: fc.boolean(),
});

describe('bucket records', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(bucket, fc.boolean(), (declared, holdsLock) => {
        const { type: _, name: written, quota, objectLock, ...rest } = declared;
        expect(
          readBucketRecordData(toBucketRecordData(declared, { holdsLock })),
        ).toEqual({
          bucket: written,
          ...rest,
          quotaBytes: quota && parseBytes(quota),
          objectLock: holdsLock ? objectLock : undefined,
        });
      }),
    );
  });

  it('hold settings beyond what is asked for', () => {
    expect(
      readBucketRecordData({
        bucket: 'logs',
        lifecycle: '[{"id": "tmp", "prefix": "tmp/", "expireAfterDays": 7}]',
        tags: '{"team": "checkout"}',
        retention: '{"mode": "governance", "days": 30}',
        drift: 'mend',
        adopt: 'true',
      }),
    ).toEqual({
      bucket: 'logs',
      lifecycle: [{ id: 'tmp', prefix: 'tmp/', expireAfterDays: 7 }],
      tags: { team: 'checkout' },
      retention: { mode: 'governance', days: 30 },
      drift: 'mend',
      adopt: true,
    });
  });

  it.each([
    ['quota', { quota: '10 GB' }, /not an amount of bytes/],
    ['versioning', { versioning: 'suspended' }, /expected/i],
    ['lifecycle', { lifecycle: '[{' }, /^Expected JSON$/],
    ['lifecycle', { lifecycle: '[{"id": "x"}]' }, /^0: Expected at least one/],
    ['retention', { retention: '{"mode": "forever", "days": 1}' }, /^mode: /],
    ['bucket', { bucket: undefined }, /expected string/],
  ])('say what is wrong with %s', (key, change, message) => {
    expect(readBucketRecordData({ bucket: 'logs', ...change })).toEqual({
      wrong: key,
      message: expect.stringMatching(message),
    });
  });
});
