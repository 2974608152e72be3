import { ConfigReader } from '@backstage/config';
import { giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { readForgesConfig } from './forges';

function read(more: object) {
  return readForgesConfig(
    new ConfigReader({
      rustfs: {
        forges: [
          {
            type: 'gitea',
            baseUrl: 'https://git.acme.org',
            token: 'sesame-open',
            ...more,
          },
        ],
      },
    }),
    [giteaForge],
  )[0];
}

describe('logins of a forge', () => {
  it('are nobody’s unless it is said whose they are', () => {
    expect(read({})).toMatchObject({ logins: {}, loginIsEntityName: false });
    expect(
      read({ logins: { root: 'Carla', ada_l: 'user:people/ada' } }).logins,
    ).toEqual({ root: 'user:default/carla', ada_l: 'user:people/ada' });
  });

  it.each<[object, string]>([
    [{ root: 'group:default/platform' }, 'expected a person'],
    [{ root: '' }, 'logins.root'],
    [{ root: 'carla', ROOT: 'ada' }, 'expected every login once'],
  ])('are refused when they cannot be: %j', (logins, message) => {
    expect(() => read({ logins })).toThrow(message);
  });
});
