import { bucketRequestSchema } from '@rustfs-portal/plugin-rustfs-common';
import {
  checkName,
  checkRequest,
  describeGuardrails,
  GuardrailRule,
  resolveGuardrails,
  suggestName,
} from './guardrails';

const owner = 'group:default/checkout';
const tenant = 'atlas/storage/apps';
const rules: GuardrailRule[] = [
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

  it('says them in words', () => {
    expect(
      describeGuardrails(resolveGuardrails(rules, { owner, tenant })),
    ).toEqual([
      'Names begin with checkout-',
      'Quota at most 100 GiB',
      'A quota is required',
      'No object lock',
      'Reviewed by carla',
    ]);
  });
});
