import fc from 'fast-check';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { applyDefaults, prune, Schema, validate } from '../schema';
import { LIMITS, PublishedCrd, Verdict } from '../__testUtils__/publishedCrd';
import { isJsonObject, JsonObject } from '../types';
import { tenantSchema } from './tenant';

/**
 * The schemas here were written for this project. Where the CRDs that the operator publishes are at hand, both must come
 * to the same verdict on every object.
 */
const FOLDER =
  process.env.RUSTFS_CRDS ??
  resolve(__dirname, '../../../../../../shared/crds');
const arePresent = existsSync(join(FOLDER, 'tenant-crd.yaml'));

if (!arePresent) {
  // eslint-disable-next-line no-console
  console.info(
    'The comparison with the published CRDs is skipped: set RUSTFS_CRDS to the folder that holds tenant-crd.yaml',
  );
}

/** The verdict of this project's schema. */
function judge(schema: Schema, given: JsonObject, old?: JsonObject): Verdict {
  const { status: _, ...properties } = schema.properties!;
  const judged = { ...schema, properties };
  const object = structuredClone(given);
  const unknownFields = prune(judged, object);
  applyDefaults(judged, object);
  const causes = validate({ schema: judged, value: object, old });
  const isSound = causes.every(
    ({ message }) =>
      !/(Required|Unsupported|Duplicate) value|Too (long|many)|in body/.test(
        message,
      ),
  );
  return {
    unknownFields,
    object,
    accepted: causes.length === 0,
    ruleMessages: isSound
      ? causes
          .map(({ message }) =>
            message.replace(/^Invalid value: ("[^"]*": |-?\d+: )?/, ''),
          )
          .sort()
      : [],
  };
}

const pool = (more: JsonObject = {}) => ({
  name: 'pool-0',
  servers: 1,
  persistence: { volumesPerServer: 4 },
  ...more,
});
const withSpec = (spec: JsonObject) => ({ spec: { pools: [pool()], ...spec } });

const BUCKET_NAMES = [
  'abc',
  'a.b',
  'ab',
  'rustfs',
  'rustfs2',
  '10.0.0.1',
  '10.0.0',
  '1.2.3.4.5',
  'a..b',
  'a.-b',
  'a-.b',
  'a--b',
  '-ab',
  'ab-',
  'Abc',
  'a_b',
  'x'.repeat(63),
  'x'.repeat(64),
  'xn--abc',
  '',
  'abc\n',
];

const TABLE: Array<[string, JsonObject]> = [
  ['nothing but pools', withSpec({})],
  ['no spec', {}],
  ['spec is null', { spec: null }],
  ['no pools', { spec: {} }],
  ['empty pools', { spec: { pools: [] } }],
  [
    '33 pools',
    {
      spec: {
        pools: Array.from({ length: 33 }, (_, i) => pool({ name: `p${i}` })),
      },
    },
  ],
  [
    '32 pools',
    {
      spec: {
        pools: Array.from({ length: 32 }, (_, i) => pool({ name: `p${i}` })),
      },
    },
  ],
  ['pools of one name', { spec: { pools: [pool(), pool()] } }],
  ['no servers', { spec: { pools: [pool({ servers: 0 })] } }],
  [
    'no volumes',
    { spec: { pools: [pool({ persistence: { volumesPerServer: 0 } })] } },
  ],
  [
    'empty path',
    {
      spec: {
        pools: [pool({ persistence: { volumesPerServer: 4, path: '' } })],
      },
    },
  ],
  ...BUCKET_NAMES.map((name): [string, JsonObject] => [
    `bucket ${JSON.stringify(name)}`,
    withSpec({ buckets: [{ name }] }),
  ]),
  [
    '1024 buckets',
    withSpec({
      buckets: Array.from({ length: 1024 }, (_, i) => ({
        name: `bucket-${i}`,
      })),
    }),
  ],
  [
    '1025 buckets',
    withSpec({
      buckets: Array.from({ length: 1025 }, (_, i) => ({
        name: `bucket-${i}`,
      })),
    }),
  ],
  [
    'policy name with a space',
    withSpec({
      policies: [
        { name: 'a b', document: { configMapKeyRef: { name: 'a', key: 'b' } } },
      ],
    }),
  ],
  ['user without policies', withSpec({ users: [{ name: 'a' }] })],
  [
    'user with a policy twice',
    withSpec({ users: [{ name: 'a', policies: ['p', 'p'] }] }),
  ],
  [
    'user named like the Secret of another',
    withSpec({
      users: [
        { name: 'a', policies: ['p'] },
        { name: 'b', credsSecret: { name: 'a' }, policies: ['p'] },
      ],
    }),
  ],
  [
    'users who swap Secrets',
    withSpec({
      users: [
        { name: 'a', credsSecret: { name: 'b' }, policies: ['p'] },
        { name: 'b', credsSecret: { name: 'a' }, policies: ['p'] },
      ],
    }),
  ],
  ['encryption with nothing', withSpec({ encryption: { enabled: true } })],
  ['encryption off', withSpec({ encryption: {} })],
  [
    'encryption with a key',
    withSpec({
      encryption: {
        enabled: true,
        local: { masterKeySecretRef: { name: 'a', key: 'b' } },
      },
    }),
  ],
  [
    'encryption for development',
    withSpec({
      encryption: { enabled: true, local: { allowInsecureDevDefaults: true } },
    }),
  ],
  [
    'encryption with vault',
    withSpec({
      encryption: {
        enabled: true,
        backend: 'vault',
        vault: { endpoint: 'http://x' },
      },
    }),
  ],
  [
    'TLS defaults',
    withSpec({
      tls: { certManager: { issuerRef: { name: 'a' } }, caTrust: {} },
    }),
  ],
  ['TLS of an unknown mode', withSpec({ tls: { mode: 'none' } })],
  ['logging to emptyDir', withSpec({ logging: { mode: 'emptyDir' } })],
  [
    'decommission',
    withSpec({
      poolLifecycle: {
        decommissionRequests: [
          { poolName: 'a', requestId: 'b', action: 'Start' },
        ],
      },
    }),
  ],
  [
    'decommission twice',
    withSpec({
      poolLifecycle: {
        decommissionRequests: [
          { poolName: 'a', requestId: 'b', action: 'Start' },
          { poolName: 'a', requestId: 'c', action: 'Cancel' },
        ],
      },
    }),
  ],
  [
    'retention Delete',
    withSpec({ poolLifecycle: { pvcRetentionPolicy: 'Delete' } }),
  ],
  ['user id below zero', withSpec({ securityContext: { runAsUser: -1 } })],
  [
    'unknown fields',
    {
      spec: {
        pools: [pool({ serverz: 1 })],
        bucketz: [],
        users: [{ name: 'a', policies: ['p'], quota: 1 }],
      },
      extra: {},
    },
  ],
];

/** Values that are fine, and now and then one that may not be. */
function mostly<T>(good: fc.Arbitrary<T>, odd: fc.Arbitrary<T>) {
  return fc.oneof(
    { weight: 30, arbitrary: good },
    { weight: 1, arbitrary: odd },
  );
}

const name = mostly(
  fc.stringMatching(/^[a-z][a-z0-9-]{2,8}[a-z0-9]$/),
  fc.constantFrom(...BUCKET_NAMES, 'a b', 'a\tb'),
);
const count = mostly(fc.integer({ min: 1, max: 4 }), fc.integer({ max: 0 }));
const word = (good: Array<string | null>, odd: string) =>
  mostly<string | null>(fc.constantFrom(...good), fc.constant(odd));
const optional = { requiredKeys: [] };
const secretRef = fc.record({ name });

const anyTenant = fc.record({
  spec: fc.record(
    {
      pools: fc.array(
        fc.record(
          {
            name,
            servers: count,
            persistence: fc.record(
              {
                volumesPerServer: count,
                path: word(['/data', null], ''),
                labels: fc.dictionary(name, fc.constantFrom('a', '')),
                volumeClaimTemplate: fc.record(
                  {
                    accessModes: fc.constant(['ReadWriteOnce']),
                    storageClassName: name,
                    resources: fc.constant({ requests: { storage: '10Gi' } }),
                  },
                  optional,
                ),
              },
              { requiredKeys: ['volumesPerServer'] },
            ),
            nodeSelector: fc.constantFrom(null, { a: 'b' }),
            priorityClassName: fc.constantFrom(null, 'high'),
          },
          { requiredKeys: ['name', 'servers', 'persistence'] },
        ),
        { minLength: 1, maxLength: 2 },
      ),
      buckets: fc.array(
        fc.record(
          {
            name,
            region: fc.constantFrom('us-east-1', null),
            objectLock: fc.constantFrom(true, false, null),
            deletionPolicy: word(['Retain'], 'Delete'),
          },
          { requiredKeys: ['name'] },
        ),
        { maxLength: 3 },
      ),
      users: fc.array(
        fc.record(
          {
            name,
            credsSecret: fc.option(secretRef),
            policies: mostly(
              fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
              fc.constantFrom<string[]>([], ['p', 'p']),
            ),
          },
          { requiredKeys: ['name', 'policies'] },
        ),
        { maxLength: 3 },
      ),
      policies: fc.array(
        fc.record({
          name,
          document: fc.record({
            configMapKeyRef: fc.record({ name, key: name }),
          }),
        }),
        { maxLength: 2 },
      ),
      credsSecret: fc.option(secretRef),
      imagePullPolicy: word(['Always', null], 'Sometimes'),
      logging: fc.record(
        { mode: word(['stdout', 'emptydir'], 'file') },
        optional,
      ),
      encryption: fc.record(
        {
          enabled: fc.boolean(),
          backend: fc.constantFrom('local', 'vault'),
          local: fc.record(
            {
              allowInsecureDevDefaults: fc.boolean(),
              masterKeySecretRef: fc.record({ name, key: name }),
            },
            optional,
          ),
        },
        optional,
      ),
      tls: fc.record(
        {
          mode: word(['disabled', 'certManager'], 'tls'),
          certManager: fc.record({ issuerRef: secretRef }, optional),
        },
        optional,
      ),
    },
    { requiredKeys: ['pools'] },
  ),
});

type Place = { container: any; key: string | number };

function places(value: unknown): Place[] {
  if (Array.isArray(value)) {
    return value.flatMap((item, key) => [
      { container: value, key },
      ...places(item),
    ]);
  }
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, item]) => [
      { container: value, key },
      ...places(item),
    ]);
  }
  return [];
}

const damage = fc.record({
  at: fc.nat(),
  how: fc.constantFrom('replace', 'remove', 'repeat', 'add', 'none', 'none'),
  value: fc.oneof(
    fc.constantFrom<unknown>(null, '', 'x', 0, 1, 1.5, true, [], {}, 'Retain'),
    name,
  ),
});

/** Breaks one place of an object, or leaves it alone. */
function damaged(
  object: JsonObject,
  { at, how, value }: { at: number; how: string; value: unknown },
): JsonObject {
  const result = structuredClone(object);
  const all = places(result);
  const { container, key } = all[at % all.length];
  if (how === 'replace') {
    container[key] = value;
  } else if (how === 'remove' && !Array.isArray(container)) {
    delete container[key];
  } else if (how === 'repeat' && Array.isArray(container)) {
    container.push(structuredClone(container[key as number]));
  } else if (how === 'add' && isJsonObject(container)) {
    container.unheardOf = value;
  }
  return result;
}

/** Every field with its constraints, one line each. */
function structureOf(schema: Schema, path = ''): Record<string, object> {
  const { type, nullable = false, pattern, list, required = [] } = schema;
  const facts = {
    type,
    nullable,
    required: [...required].sort(),
    pattern: pattern?.source,
    default: schema.default,
    enum: schema.enum,
    limits: LIMITS.map(limit => schema[limit]),
    list: list?.type === 'map' ? list.key : list?.type,
    rules: (schema.rules ?? []).map(({ message }) => message),
  };
  const below = [
    ...Object.entries(schema.properties ?? {}).map(
      ([key, property]) => [`${path}.${key}`, property] as const,
    ),
    ...(schema.items ? [[`${path}[]`, schema.items] as const] : []),
    ...(schema.additionalProperties
      ? [[`${path}.*`, schema.additionalProperties] as const]
      : []),
  ];
  return Object.assign(
    { [path]: facts },
    ...below.map(([at, child]) => structureOf(child, at)),
  );
}

(arePresent ? describe : describe.skip)('the published CRDs', () => {
  const tenants = () => new PublishedCrd(join(FOLDER, 'tenant-crd.yaml'));

  it('describe the same structure of a Tenant', () => {
    expect(structureOf(tenantSchema)).toEqual(
      tenants().structure(tenantSchema),
    );
  });

  describe('of Tenants agree', () => {
    const published = arePresent ? tenants() : undefined;

    it.each(TABLE)('on %s', (_, object) => {
      expect(judge(tenantSchema, object)).toEqual(published!.judge(object));
    });

    it.each([
      ['more servers', { servers: 2 }],
      ['more volumes', { persistence: { volumesPerServer: 8 } }],
      ['a new pool', { name: 'pool-1', servers: 2 }],
      ['nothing', {}],
    ])('on an update with %s', (_, change) => {
      const old = withSpec({});
      const object = { spec: { pools: [pool(change)] } };
      expect(judge(tenantSchema, object, old)).toEqual(
        published!.judge(object, old),
      );
    });

    it('on generated Tenants, sound and damaged', () => {
      let accepted = 0;
      let refused = 0;
      fc.assert(
        fc.property(anyTenant, damage, (object, harm) => {
          const given = damaged(object as JsonObject, harm);
          const verdict = published!.judge(given);
          if (verdict.accepted) {
            accepted += 1;
          } else {
            refused += 1;
          }
          expect(judge(tenantSchema, given)).toEqual(verdict);
        }),
        { numRuns: 1000 },
      );
      // Both sides of the line have to be tried.
      expect(accepted).toBeGreaterThan(50);
      expect(refused).toBeGreaterThan(50);
    });
  });
});
