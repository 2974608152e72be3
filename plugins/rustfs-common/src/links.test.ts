import { PortalLinks } from './links';

function linksOf(data: Record<string, unknown>) {
  return PortalLinks.fromConfig({
    getOptional: key => data[key],
    getOptionalString: key => data[key] as string | undefined,
  });
}

const moved = (path: string) => [
  'page:catalog',
  { 'page:rustfs': { config: { path: '/elsewhere' } } },
  { 'page:rustfs': { config: { path } } },
  { 'entity-content:rustfs/storage': { config: { path: 'x' } } },
  { 'nav-item:search': false },
];

describe('PortalLinks', () => {
  it.each<[Record<string, unknown>, string, string | undefined]>([
    [{}, '/rustfs/requests/r1', undefined],
    [
      { 'app.baseUrl': 'https://acme.org/backstage/' },
      '/rustfs/requests/r1',
      'https://acme.org/backstage/rustfs/requests/r1',
    ],
    [
      {
        'app.baseUrl': 'https://acme.org',
        'app.extensions': moved('/storage'),
      },
      '/storage/requests/r1',
      'https://acme.org/storage/requests/r1',
    ],
    [
      {
        'app.baseUrl': 'https://acme.org//',
        'app.extensions': moved('/storage'),
        'rustfs.portal': { path: '/data/buckets/' },
      },
      '/data/buckets/requests/r1',
      'https://acme.org/data/buckets/requests/r1',
    ],
    [{ 'rustfs.portal': { path: '/' } }, '/requests/r1', undefined],
    [
      { 'app.extensions': { 'page:rustfs': true } },
      '/rustfs/requests/r1',
      undefined,
    ],
    [
      { 'app.extensions': [{ 'page:rustfs': false }] },
      '/rustfs/requests/r1',
      undefined,
    ],
  ])('leads with %j to %s', (config, path, url) => {
    const links = linksOf(config);
    expect(links.requestPath('r1')).toBe(path);
    expect(links.requestUrl('r1')).toBe(url);
  });

  it('lets nothing break out of the address', () => {
    expect(linksOf({}).requestPath('../a?b')).toBe(
      '/rustfs/requests/..%2Fa%3Fb',
    );
  });

  it.each([
    [{ path: 'rustfs' }, /rustfs\.portal\.path: expected a path that begins/],
    [{ path: '/a?b' }, /rustfs\.portal\.path/],
    [{ path: 1 }, /rustfs\.portal\.path: expected the path of the pages/],
    [{ paht: '/a' }, /rustfs\.portal: Unrecognized key: "paht"/],
    ['/rustfs', /rustfs\.portal: /],
  ])('stops the start at %j', (portal, words) => {
    expect(() => linksOf({ 'rustfs.portal': portal })).toThrow(words);
  });
});
