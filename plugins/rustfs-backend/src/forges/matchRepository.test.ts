import { toOwnerAndName } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { matchRepository } from './matchRepository';

const forge = ['https://git.acme.org', 'http://gitea-http.gitea.svc:3000'];

const match = (url: string, forgeUrls: string[]) =>
  matchRepository(url, { forgeUrls, toRepository: toOwnerAndName });

describe('matchRepository', () => {
  it.each([
    ['https://git.acme.org/acme/atlas', forge],
    ['https://git.acme.org/acme/atlas.git', forge],
    ['https://git.acme.org/acme/atlas/', forge],
    ['ssh://git@git.acme.org:2222/acme/atlas.git', forge],
    ['git@git.acme.org:acme/atlas.git', forge],
    ['ssh://git@Git.Acme.org/acme/atlas.git', forge],
    ['http://gitea-http.gitea.svc:3000/acme/atlas.git', forge],
    ['https://acme.org/git/acme/atlas.git', ['https://acme.org/git']],
    // SSH knows no path of the web server.
    ['ssh://git@acme.org/acme/atlas.git', ['https://acme.org/git']],
    ['git@acme.org:acme/atlas.git', ['https://acme.org/git/']],
    ['ssh://git@acme.org/git/acme/atlas.git', ['https://acme.org/git']],
    ['git+ssh://git@git.acme.org/acme/atlas.git', forge],
    ['https://git.acme.org/acme//atlas.git', forge],
    ['https://git.acme.org//acme/atlas.git//', forge],
    ['https://acme.org//git//acme/atlas', ['https://acme.org/git']],
    ['https://git.acme.org/acme/%61tlas', forge],
    ['https://git.acme.org/%61cme/atlas%2Egit', forge],
    ['git@git.acme.org:/acme//%61tlas.git', forge],
  ])('finds acme/atlas in %s', (url, forgeUrls) => {
    expect(match(url, forgeUrls)).toBe('acme/atlas');
  });

  it('does not take the path of a forge for an owner over HTTP', () => {
    expect(
      match('https://acme.org/acme/atlas.git', ['https://acme.org/git']),
    ).toBeUndefined();
  });

  it.each([
    'https://github.com/acme/atlas',
    'https://git.acme.org:8443/acme/atlas',
    'https://git.acme.org.evil.org/acme/atlas',
    'https://git.acme.org/acme',
    'https://git.acme.org/acme/atlas/tree/main',
    'https://git.acme.org/acme%2Fatlas',
    'https://git.acme.org/acme/atlas%2Ftree',
    'https://git.acme.org/acme/..%2Fatlas',
    'https://git.acme.org/acme/%E0%A4%A',
    'https://git.acme.org/acme/.git',
    'nonsense',
  ])('does not take %s', url => {
    expect(match(url, forge)).toBeUndefined();
  });

  it('leaves it to the kind of forge how deep a repository lies', () => {
    const inGroups = (url: string) =>
      matchRepository(url, {
        forgeUrls: ['https://acme.org/gitlab'],
        toRepository: path => (path.length > 1 ? path.join('/') : undefined),
      });
    expect(inGroups('https://acme.org/gitlab/acme/teams/atlas.git')).toBe(
      'acme/teams/atlas',
    );
    expect(inGroups('git@acme.org:acme/teams/storage/atlas.git')).toBe(
      'acme/teams/storage/atlas',
    );
    expect(inGroups('https://acme.org/gitlab/atlas')).toBeUndefined();
  });
});
