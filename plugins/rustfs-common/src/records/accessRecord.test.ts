import fc from 'fast-check';
import { buildAccessPolicy, MODE_ACTIONS } from '../access';
import {
  AccessRecord,
  readAccessRecordData,
  toAccessRecordData,
} from './accessRecord';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{2,12}[a-z0-9]$/);
const scope = fc.oneof(
  fc.record({
    type: fc.constant('buckets' as const),
    buckets: fc.array(name, { minLength: 1, maxLength: 4 }),
  }),
  fc.record({
    type: fc.constant('pattern' as const),
    pattern: name.map(text => `${text}*`),
  }),
  fc.record({
    type: fc.constant('prefix' as const),
    bucket: name,
    prefix: name.map(text => `${text}/`),
  }),
);

const record: fc.Arbitrary<Omit<AccessRecord, 'request'>> = fc.record({
  document: fc.option(
    scope.map(reached => buildAccessPolicy(reached, MODE_ACTIONS.read)),
    { nil: undefined },
  ),
  drift: fc.constantFrom('mend' as const, undefined),
  adopt: fc.constantFrom(true, undefined),
  access: name,
  owner: name.map(text => `group:default/${text}`),
  entity: name.map(text => `component:default/${text}`),
  purpose: fc.string(),
  scope,
  mode: fc.constantFrom('read', 'write', 'read-write', 'tempo'),
  policy: name,
  accessKeyId: name,
  consumer: fc.record(
    {
      cluster: name,
      namespace: name,
      secret: name,
      form: name,
      names: fc.dictionary(name, name),
    },
    { requiredKeys: ['cluster', 'namespace', 'secret', 'form'] },
  ),
  state: fc.constantFrom('active' as const, 'revoked' as const),
  createdAt: fc.constant('2026-11-29T10:00:00.000Z'),
});

describe('access records', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(record, written => {
        expect(readAccessRecordData(toAccessRecordData(written))).toEqual(
          written,
        );
      }),
    );
  });

  it.each([
    ['no bucket', { buckets: ' , ' }],
    ['a pattern and buckets', { buckets: 'a-b', pattern: 'a-*' }],
    ['a prefix in two buckets', { buckets: 'a-b,a-c', prefix: 'x/' }],
    ['several policies', { policy: 'access-a,consoleAdmin' }],
    ['a consumer without namespace', { consumer: 'atlas/loki' }],
    ['names that are no JSON', { names: '{' }],
    [
      'a policy of another shape',
      { 'policy.json': '{"Version": "2012-10-17"}' },
    ],
  ])('are not understood with %s', (_, change) => {
    const [written] = fc.sample(record, { numRuns: 1, seed: 7 });
    const { buckets, pattern, prefix, ...rest } = toAccessRecordData(written);
    expect(
      readAccessRecordData({ ...rest, buckets: 'a-b', ...change }),
    ).toBeUndefined();
  });
});
