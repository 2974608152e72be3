import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { PolicyQueryUser } from '@backstage/plugin-permission-node';
import { rustfsPermissions } from '@rustfs-portal/plugin-rustfs-common';
import { StoragePolicy } from './storagePolicy';

const policy = new StoragePolicy();

function user(name: string, ...groups: string[]) {
  return {
    info: {
      userEntityRef: `user:default/${name}`,
      ownershipEntityRefs: [
        `user:default/${name}`,
        ...groups.map(group => `group:default/${group}`),
      ],
    },
  } as PolicyQueryUser;
}

const decide = async (who?: PolicyQueryUser) =>
  Object.fromEntries(
    await Promise.all(
      rustfsPermissions.map(async permission => [
        permission.name,
        (await policy.handle({ permission }, who)).result,
      ]),
    ),
  );

const { ALLOW, DENY, CONDITIONAL } = AuthorizeResult;

it('lets teams see and ask for what they own', async () => {
  expect(await decide(user('ada', 'checkout'))).toEqual({
    'rustfs.storage.read': CONDITIONAL,
    'rustfs.bucket.request': CONDITIONAL,
    'rustfs.bucket.read': CONDITIONAL,
    'rustfs.request.read': CONDITIONAL,
    'rustfs.tenant.read': DENY,
  });
});

it('shows everything to the platform team', async () => {
  expect(
    new Set(Object.values(await decide(user('carla', 'platform')))),
  ).toEqual(new Set([ALLOW]));
});

it.each([
  ['contractors', user('dario', 'contractors')],
  ['contractors in other teams', user('dario', 'platform', 'contractors')],
  ['nobody', undefined],
])('shows nothing to %s', async (_, who) => {
  expect(new Set(Object.values(await decide(who)))).toEqual(new Set([DENY]));
});

it('asks the catalog whether the caller owns the entity', async () => {
  const [permission] = rustfsPermissions;
  expect(
    await policy.handle({ permission }, user('ada', 'checkout')),
  ).toMatchObject({
    pluginId: 'catalog',
    resourceType: 'catalog-entity',
    conditions: {
      rule: 'IS_ENTITY_OWNER',
      params: { claims: ['user:default/ada', 'group:default/checkout'] },
    },
  });
});

it('hides tenants and buckets in the catalog from those who do not own them', async () => {
  const permission = catalogEntityReadPermission;
  expect(
    await policy.handle({ permission }, user('carla', 'platform')),
  ).toEqual({ result: ALLOW });
  expect(
    await policy.handle({ permission }, user('dario', 'contractors')),
  ).toMatchObject({
    result: CONDITIONAL,
    conditions: {
      anyOf: [
        { not: { rule: 'IS_ENTITY_KIND', params: { kinds: ['Resource'] } } },
        {
          not: {
            rule: 'HAS_ANNOTATION',
            params: { annotation: 'rustfs.com/tenant' },
          },
        },
        { rule: 'IS_ENTITY_OWNER' },
      ],
    },
  });
});
