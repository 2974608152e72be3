import { Entity } from '@backstage/catalog-model';
import { BucketRecord } from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { GuardrailRule } from '../guardrails';
import { describeTenant } from '../sources/rustfsOperator';
import { ownersOf, suggestAnnotations } from './entityStorage';

function tenant(
  ref: string,
  buckets: string[],
  records: BucketRecord[] = [],
): TenantFacts {
  const [, namespace, name] = ref.split('/');
  return {
    ref,
    endpoints: {},
    records,
    unreadRecords: [],
    accesses: [],
    unreadAccesses: [],
    ...describeTenant({
      metadata: { name, namespace },
      spec: {
        buckets: buckets.map(bucket => ({ name: bucket, objectLock: false })),
      },
    }),
  };
}

const shop: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'Shop' },
  spec: { owner: 'checkout' },
};
const checkout = 'group:default/checkout';
/** Names that begin with shop are of team checkout. */
const guardrails: GuardrailRule[] = [
  {
    owners: [checkout],
    namePattern: {
      regex: 'shop(-[a-z-]+)?',
      description: 'begin with shop',
      example: 'shop-images',
    },
  },
];

describe('suggestAnnotations', () => {
  it('names buckets that begin with the name of the entity', () => {
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails,
        tenants: [
          tenant('a/b/one', ['shop', 'shop-images', 'shopping', 'webshop']),
          tenant('a/b/two', ['other']),
        ],
      }),
    ).toEqual({
      'rustfs.com/tenant': 'a/b/one',
      'rustfs.com/buckets': 'shop,shop-images',
    });
  });

  it('says on which tenant when there are several', () => {
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails,
        tenants: [tenant('a/b/two', ['shop-b']), tenant('a/b/one', ['shop-a'])],
      }),
    ).toEqual({ 'rustfs.com/buckets': 'a/b/one:shop-a,a/b/two:shop-b' });
  });

  it('does not name buckets of other teams', () => {
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails,
        tenants: [
          tenant(
            'a/b/one',
            ['shop-secrets', 'shop-images'],
            [
              { bucket: 'shop-secrets', owner: 'group:default/media' },
              { bucket: 'shop-images', owner: checkout },
            ],
          ),
        ],
      }),
    ).toMatchObject({ 'rustfs.com/buckets': 'shop-images' });
  });

  it('does not name buckets without a record that no guardrail gives to the owner', () => {
    const one = tenant('a/b/one', ['shop-images']);
    const two = tenant('a/b/two', []);
    for (const rules of [
      [],
      guardrails.map(rule => ({ ...rule, owners: ['group:default/media'] })),
      guardrails.map(rule => ({ ...rule, owners: ['*'] })),
    ]) {
      expect(
        suggestAnnotations({
          entity: shop,
          guardrails: rules,
          tenants: [one, two],
        }),
      ).toBeUndefined();
    }
  });

  it('falls back to the tenant that holds most buckets of the owner', () => {
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails,
        tenants: [
          tenant('a/b/one', [], [{ bucket: 'x', owner: checkout }]),
          tenant(
            'a/b/two',
            [],
            [
              { bucket: 'y', owner: checkout },
              { bucket: 'z', owner: checkout },
            ],
          ),
        ],
      }),
    ).toEqual({ 'rustfs.com/tenant': 'a/b/two' });
  });

  it('guesses nothing else, unless there is only one tenant', () => {
    const one = tenant('a/b/one', ['x']);
    expect(
      suggestAnnotations({ entity: shop, guardrails, tenants: [one] }),
    ).toEqual({
      'rustfs.com/tenant': 'a/b/one',
    });
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails,
        tenants: [one, tenant('a/b/two', [])],
      }),
    ).toBeUndefined();
    expect(
      suggestAnnotations({ entity: shop, guardrails, tenants: [] }),
    ).toBeUndefined();
    // Nor a tenant where the owner may ask for nothing.
    expect(
      suggestAnnotations({
        entity: shop,
        guardrails: [{ owners: ['group:default/media'] }],
        tenants: [one],
      }),
    ).toBeUndefined();
  });
});

describe('ownersOf', () => {
  it('takes what the catalog worked out before what the entity says', () => {
    expect(ownersOf(shop)).toEqual([checkout]);
    expect(
      ownersOf({
        ...shop,
        relations: [
          { type: 'ownedBy', targetRef: 'group:Default/Media' },
          { type: 'partOf', targetRef: 'system:default/shop' },
        ],
      }),
    ).toEqual(['group:default/media']);
    expect(ownersOf({ ...shop, spec: {} })).toEqual([]);
  });
});
