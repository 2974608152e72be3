import { chooseProxy } from './chooseProxy';

const environment = (noProxy = '') => ({
  HTTP_PROXY: 'http://plain.acme.org:3128',
  https_proxy: 'tls.acme.org:3129',
  NO_PROXY: noProxy,
});

describe('chooseProxy', () => {
  it('takes the proxy of the scheme from the environment, in either case of letters', () => {
    const choose = (url: string) =>
      chooseProxy(url, undefined, environment())?.href;
    expect(choose('http://s3.acme.org:9000')).toBe(
      'http://plain.acme.org:3128/',
    );
    expect(choose('https://git.acme.org')).toBe('http://tls.acme.org:3129/');
    expect(chooseProxy('http://s3.acme.org', undefined, {})).toBeUndefined();
  });

  it('prefers what is configured', () => {
    const choose = (configured: string | false) =>
      chooseProxy('http://s3.acme.org', configured, environment());
    expect(choose(false)).toBeUndefined();
    expect(choose('https://own.acme.org')?.href).toBe('https://own.acme.org/');
    // NO_PROXY is about the proxies of the environment.
    expect(
      chooseProxy('http://s3.acme.org', 'http://own.acme.org', environment('*'))
        ?.hostname,
    ).toBe('own.acme.org');
  });

  it.each<[string, string, boolean]>([
    ['http://s3.acme.org', '*', true],
    ['http://s3.acme.org', 'acme.org', true],
    ['http://acme.org', 'acme.org', true],
    ['http://acme.org', '.acme.org', false],
    ['http://s3.acme.org', '.acme.org', true],
    ['http://s3.acme.org', '*.acme.org', true],
    ['http://S3.ACME.ORG', 'Acme.Org', true],
    ['http://notacme.org', 'acme.org', false],
    ['http://s3.acme.org:9000', 's3.acme.org:9000', true],
    ['http://s3.acme.org:9000', 's3.acme.org:9001', false],
    ['https://s3.acme.org', 's3.acme.org:443', true],
    ['http://a.storage.svc:9000', 'localhost, .svc ,.cluster.local', true],
    ['https://10.96.0.1:443', '10.0.0.0/8', true],
    ['https://11.96.0.1:443', '10.0.0.0/8', false],
    ['https://10.96.0.1', '10.96.0.1', true],
    ['https://110.96.0.1', '10.96.0.1', false],
    ['https://[fd00::1]:6443', 'fd00::/8', true],
    ['https://[fd00::1]:6443', 'fd00::1', true],
    ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
    ['https://[fd00::1]:6443', '[fd00::1]:6444', false],
    ['https://k8s.acme.org', '10.0.0.0/8', false],
    ['https://k8s.acme.org', '10.0.0.0/99,/,:,', false],
    // As in Go, whatever is said.
    ['http://localhost:9000', '', true],
    ['http://127.0.0.1:9000', '', true],
    ['http://127.1.2.3:9000', '', true],
    ['http://[::1]:9000', '', true],
  ])(
    'goes to %s past the proxy with NO_PROXY=%s: %s',
    (url, noProxy, direct) => {
      expect(
        chooseProxy(url, undefined, environment(noProxy)) === undefined,
      ).toBe(direct);
    },
  );

  it('names a setting that is no address of a proxy, without its password', () => {
    for (const proxy of [
      'ftp://me:s3cret@proxy.acme.org',
      'http://me:s3cret@',
    ]) {
      const choose = () =>
        chooseProxy('http://s3.acme.org', undefined, { HTTP_PROXY: proxy });
      expect(choose).toThrow(/^HTTP_PROXY is not the address of a proxy/);
      expect(choose).toThrow(
        expect.objectContaining({
          message: expect.not.stringContaining('s3cret'),
        }),
      );
    }
  });
});
