import { matchRepository } from './matchRepository';

const forge = ['https://git.acme.org', 'http://gitea-http.gitea.svc:3000'];

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
  ])('finds acme/atlas in %s', (url, forgeUrls) => {
    expect(matchRepository(url, forgeUrls)).toBe('acme/atlas');
  });

  it.each([
    'https://github.com/acme/atlas',
    'https://git.acme.org:8443/acme/atlas',
    'https://git.acme.org.evil.org/acme/atlas',
    'https://git.acme.org/acme',
    'https://git.acme.org/acme/atlas/tree/main',
    'nonsense',
  ])('does not take %s', url => {
    expect(matchRepository(url, forge)).toBeUndefined();
  });
});
