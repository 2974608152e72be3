import { bucketRequestSchema } from '@rustfs-portal/plugin-rustfs-common';
import {
  checkName,
  checkRequest,
  describeGuardrails,
  findGaps,
  GuardedParts,
  GuardrailRule,
  isMappedTo,
  ownsPattern,
  resolveGuardrails,
  suggestName,
} from './guardrails';

const owner = 'group:default/checkout';
const tenant = 'atlas/storage/apps';
const rules: GuardrailRule[] = [
  { owners: ['*'] },
  {
    owners: [owner],
    namePattern: {
      regex: 'checkout-[a-z0-9-]+',
      description: 'begin with checkout-',
      example: 'checkout-invoices',
    },
  },
  { tenants: ['atlas/storage/platform'], allow: false },
  {
    maxQuota: '100Gi',
    defaultQuota: '10Gi',
    quotaRequired: true,
    objectLock: false,
    reviewers: ['carla'],
  },
  { maxQuota: '1Gi' },
];

function request(changes: object = {}) {
  return bucketRequestSchema.parse({
    entityRef: 'component:default/invoices',
    tenant,
    bucket: 'checkout-invoices',
    quota: '50Gi',
    purpose: 'Invoices',
    dataClass: 'internal',
    ...changes,
  });
}

function issuesOf(changes: object) {
  const asked = request(changes);
  return checkRequest(
    asked,
    resolveGuardrails(rules, { owner, tenant: asked.tenant }),
    owner,
  );
}

describe('guardrails', () => {
  it('does not try a pattern on a name that is longer than names are', () => {
    const guardrails = resolveGuardrails(rules, { owner, tenant });
    expect(
      checkName('a'.repeat(200), guardrails).map(({ code }) => code),
    ).toEqual(['length']);
  });

  it('takes each key from the first rule that fits and has it', () => {
    expect(resolveGuardrails(rules, { owner, tenant })).toMatchObject({
      allow: true,
      maxQuota: '100Gi',
      namePattern: { example: 'checkout-invoices' },
    });
    expect(
      resolveGuardrails(rules, {
        owner: 'group:default/media',
        tenant: 'atlas/storage/platform',
      }),
    ).toMatchObject({ allow: false, namePattern: undefined });
  });

  describe('for an owner that no rule names', () => {
    const stranger = 'user:default/x';
    const prefix: GuardrailRule = {
      tenants: [tenant],
      owners: [owner],
      namePattern: {
        regex: 'checkout-.+',
        description: 'begin with checkout-',
        example: 'checkout-invoices',
      },
    };
    const limits: GuardrailRule = { tenants: [tenant], maxQuota: '1Gi' };

    it.each<[string, GuardrailRule[], boolean]>([
      ['there are no rules', [], true],
      ['no rule is about owners', [limits], true],
      ['rules name other owners', [prefix, limits], false],
      [
        'others are refused by name',
        [{ owners: [owner], allow: false }],
        false,
      ],
      ['a rule is for everyone', [prefix, limits, { owners: ['*'] }], true],
      [
        'a rule refuses everyone else',
        [prefix, limits, { owners: ['*'], allow: false }],
        false,
      ],
      [
        'a rule is for everyone elsewhere',
        [prefix, { tenants: ['a/b/c'], owners: ['*'] }],
        false,
      ],
      ['all rules are about other tenants', [{ tenants: ['a/b/c'] }], false],
    ])('%s: %#', (_, list, allow) => {
      expect(resolveGuardrails(list, { owner: stranger, tenant }).allow).toBe(
        allow,
      );
    });

    it('does not refuse the owners that are named', () => {
      expect(
        resolveGuardrails([prefix, limits], { owner, tenant }),
      ).toMatchObject({ allow: true, maxQuota: '1Gi' });
    });

    it('tells the tenants where nothing is said about everyone else', () => {
      const other = 'borealis/storage/archive';
      expect(findGaps([], [tenant])).toEqual([]);
      expect(findGaps([limits], [tenant])).toEqual([]);
      expect(findGaps([prefix, limits], [tenant, other])).toEqual([
        tenant,
        other,
      ]);
      expect(
        findGaps([prefix, limits, { owners: ['*'] }], [tenant, other]),
      ).toEqual([]);
    });

    it.each<[string, GuardrailRule[], string, string[], boolean]>([
      ['fits the own pattern', [prefix], 'checkout-x', [owner], true],
      ['fits no pattern', [prefix], 'media-x', [owner], false],
      ['fits the pattern of others', [prefix], 'checkout-x', [stranger], false],
      [
        'fits a pattern for everyone',
        [{ ...prefix, owners: ['*'] }],
        'checkout-x',
        [owner],
        false,
      ],
      [
        'fits a pattern without owners',
        [{ ...prefix, owners: undefined }],
        'checkout-x',
        [owner],
        false,
      ],
      [
        'fits on another tenant',
        [{ ...prefix, tenants: ['a/b/c'] }],
        'checkout-x',
        [owner],
        false,
      ],
      [
        'fits two patterns of two owners',
        [prefix, { ...prefix, owners: [stranger] }],
        'checkout-x',
        [owner],
        false,
      ],
      [
        'fits, and the owner is refused there',
        [{ ...prefix, allow: false }],
        'checkout-x',
        [owner],
        false,
      ],
      ['is no name', [prefix], 'checkout-X', [owner], false],
    ])(
      'a bucket without a record that %s: %#',
      (_, list, name, owners, expected) => {
        expect(isMappedTo(list, { tenant, name, owners })).toBe(expected);
      },
    );
  });

  it('lets through what keeps them', () => {
    expect(issuesOf({})).toEqual([]);
  });

  it.each([
    [
      { bucket: 'invoices' },
      'bucket',
      /begin with checkout-.*checkout-invoices/,
    ],
    [{ quota: undefined }, 'quota', /needs a quota, for example 10Gi/],
    [{ quota: '101Gi' }, 'quota', /At most 100 GiB/],
    [{ quota: '0' }, 'quota', /more than zero/],
    [{ objectLock: true }, 'objectLock', /platform team/],
    [{ tenant: 'atlas/storage/platform' }, 'tenant', /may not ask/],
  ])('refuses %j with field, reason and example', (changes, field, message) => {
    expect(issuesOf(changes)).toEqual([
      { field, message: expect.stringMatching(message) },
    ]);
  });

  it('anchors the pattern', () => {
    expect(
      checkName(
        'not-checkout-invoices',
        resolveGuardrails(rules, { owner, tenant }),
      ).map(({ code }) => code),
    ).toEqual(['pattern']);
  });

  it('suggests a name that passes and is free', () => {
    const guardrails = resolveGuardrails(rules, { owner, tenant });
    const suggest = (taken: string[]) =>
      suggestName({
        entityName: 'ledger',
        ownerName: 'checkout',
        guardrails,
        isTaken: name => taken.includes(name),
      });
    expect(suggest([])).toBe('checkout-ledger');
    expect(suggest(['checkout-ledger', 'checkout-invoices'])).toBe(
      'checkout-ledger-2',
    );
  });

  it.each<[string, GuardedParts, string[]]>([
    [
      'a new bucket',
      { bucket: 'new' },
      [
        'Names begin with checkout-',
        'Quota at most 100 GiB',
        'A quota is required',
        'No object lock',
      ],
    ],
    [
      'another quota',
      { bucket: 'existing' },
      ['Quota at most 100 GiB', 'A quota is required'],
    ],
    [
      'a new access',
      { access: 'new' },
      ['Access to read, read-write', 'Secrets in checkout, checkout-*'],
    ],
    ['the end of an access', { access: 'existing' }, []],
  ])('says in words what holds for %s', (_, parts, words) => {
    const guardrails = {
      ...resolveGuardrails(rules, { owner, tenant }),
      accessModes: ['read', 'read-write'],
      namespaces: ['checkout', 'checkout-*'],
    };
    expect(describeGuardrails(guardrails, parts)).toEqual([
      ...words,
      'Reviewed by carla',
    ]);
  });

  it.each([
    ['mend', 'What is changed on the server is set back'],
    ['report', 'What is changed on the server is reported'],
  ] as const)('says what becomes of drift: %s', (drift, words) => {
    const guardrails = resolveGuardrails([{ drift }, ...rules], {
      owner,
      tenant,
    });
    const tell = (parts: GuardedParts) => describeGuardrails(guardrails, parts);
    expect(tell({ bucket: 'new' })).toContain(words);
    expect(tell({ bucket: 'existing' })).toContain(words);
    expect(tell({ access: 'new' })).not.toContain(words);
  });

  it('says both of an access that brings its bucket', () => {
    expect(
      describeGuardrails(resolveGuardrails(rules, { owner, tenant }), {
        access: 'new',
        bucket: 'new',
      }),
    ).toContain('Names begin with checkout-');
  });
});

describe('ownsPattern', () => {
  const prefix = (team: string, regex = `^${team}-[a-z0-9-]+$`) => ({
    owners: [`group:default/${team}`],
    allow: true,
    namePattern: { regex, description: '', example: `${team}-x` },
  });
  const refuseOthers = { owners: ['*'], allow: false };

  it.each<[string, GuardrailRule[], string, boolean]>([
    [
      'its own beginning',
      [prefix('checkout'), prefix('media'), refuseOthers],
      'checkout-*',
      true,
    ],
    [
      'more than its own beginning',
      [prefix('checkout'), refuseOthers],
      'checkout-pdf-*',
      true,
    ],
    [
      'less than its own beginning',
      [prefix('checkout'), refuseOthers],
      'check*',
      false,
    ],
    [
      'a beginning that another team shares',
      [prefix('checkout'), prefix('checkout-labs'), refuseOthers],
      'checkout-*',
      false,
    ],
    [
      'a team that may take any name',
      [
        prefix('checkout'),
        { owners: ['group:default/ops'], allow: true },
        refuseOthers,
      ],
      'checkout-*',
      false,
    ],
    [
      'everybody else, who may take any name',
      [prefix('checkout'), { owners: ['*'] }],
      'checkout-*',
      false,
    ],
    ['no pattern of its own', [{ owners: ['*'] }], 'checkout-*', false],
    [
      'a pattern without a fixed beginning',
      [prefix('checkout', '(a|checkout)-.*'), refuseOthers],
      'checkout-*',
      false,
    ],
    [
      'a beginning whose last letter is optional',
      [prefix('checkout', 'checkouts?-.*'), refuseOthers],
      'checkout-*',
      true,
    ],
  ])('with %s', (_, given, pattern, expected) => {
    expect(
      ownsPattern(given, {
        owner: 'group:default/checkout',
        tenant: 'atlas/storage/apps',
        pattern,
      }),
    ).toBe(expected);
  });
});
