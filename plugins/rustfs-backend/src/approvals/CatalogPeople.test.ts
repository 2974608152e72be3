import { mockServices } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { CatalogPeople } from './CatalogPeople';

const forge = 'https://git.acme.org/git';

function user(name: string, login?: string, groups: string[] = []) {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: {
      name,
      annotations: {
        ...(login && { 'git.acme.org/user-login': login }),
      } as Record<string, string>,
    },
    spec: { memberOf: groups },
    relations: groups.map(group => ({
      type: 'memberOf',
      targetRef: `group:default/${group}`,
    })),
  };
}

function people(options: { loginIsEntityName?: boolean } = {}) {
  return new CatalogPeople({
    auth: mockServices.auth(),
    catalog: catalogServiceMock({
      entities: [
        user('ada', 'ada-l', ['checkout']),
        user('alan', undefined, ['checkout']),
        user('mina', 'Shared', ['media']),
        user('moritz', 'shared', ['media']),
        user('carla', 'stolen'),
      ],
    }),
    settings: [
      {
        forge,
        logins: { root: 'user:default/carla' },
        loginIsEntityName: options.loginIsEntityName ?? false,
      },
    ],
  });
}

describe('CatalogPeople', () => {
  it('finds people by the annotation for the host of the forge', async () => {
    await expect(people().personOf(forge, 'Ada-L')).resolves.toEqual({
      ref: 'user:default/ada',
      groups: ['group:default/checkout'],
    });
  });

  it('knows a login by the address of its page, which is what the provider for GitLab writes', async () => {
    const found = new CatalogPeople({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({
        entities: [
          user('ada', 'https://git.acme.org/git/Ada.L'),
          user('eve', 'https://git.evil.org/git/alan'),
          user('mallory', 'https://git.acme.org/git/alan/atlas'),
          user('odd', 'https://git.acme.org/git/%'),
          user('root', 'https://git.acme.org/alan'),
        ],
      }),
      settings: [{ forge, logins: {}, loginIsEntityName: false }],
    });
    await expect(found.personOf(forge, 'ada.l')).resolves.toMatchObject({
      ref: 'user:default/ada',
    });
    await expect(found.personOf(forge, 'alan')).resolves.toBeUndefined();
    await expect(found.loginsOf(forge, 'user:default/ada')).resolves.toEqual([
      'ada.l',
    ]);
  });

  it('lets the configuration outrank what an entity says of itself', async () => {
    await expect(people().personOf(forge, 'root')).resolves.toMatchObject({
      ref: 'user:default/carla',
    });
    await expect(people().personOf(forge, 'stolen')).resolves.toBeUndefined();
  });

  it('lets nobody take a login that the configuration gives to somebody else', async () => {
    const impostor = new CatalogPeople({
      auth: mockServices.auth(),
      catalog: catalogServiceMock({
        entities: [user('carla'), user('mallory', 'ROOT', ['media'])],
      }),
      settings: [
        {
          forge,
          logins: { Root: 'user:default/carla', ops: 'user:default/carla' },
          loginIsEntityName: true,
        },
      ],
    });
    await expect(impostor.personOf(forge, 'root')).resolves.toMatchObject({
      ref: 'user:default/carla',
    });
    await expect(impostor.personOf(forge, 'ops')).resolves.toMatchObject({
      ref: 'user:default/carla',
    });
    await expect(impostor.personOf(forge, 'carla')).resolves.toBeUndefined();
  });

  it('matches nobody where two say to be the same', async () => {
    await expect(people().personOf(forge, 'shared')).resolves.toBeUndefined();
  });

  it('takes an entity name for a login only when told to', async () => {
    await expect(people().personOf(forge, 'alan')).resolves.toBeUndefined();
    await expect(
      people({ loginIsEntityName: true }).personOf(forge, 'alan'),
    ).resolves.toMatchObject({ ref: 'user:default/alan' });
  });

  it('knows nobody on another forge', async () => {
    await expect(
      people().personOf('https://git.other.org', 'ada-l'),
    ).resolves.toBeUndefined();
  });

  it('names the logins of a team', async () => {
    await expect(
      people({ loginIsEntityName: true }).loginsOf(
        forge,
        'group:default/checkout',
      ),
    ).resolves.toEqual(['ada-l', 'alan']);
    await expect(
      people().loginsOf(forge, 'user:default/carla'),
    ).resolves.toEqual(['root']);
  });
});
