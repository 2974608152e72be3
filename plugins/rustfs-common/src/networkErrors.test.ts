import { adviseOnNetworkError, explainNetworkError } from './networkErrors';

const failed = (cause: object) =>
  Object.assign(new TypeError('fetch failed'), { cause });

const withCode = (code: string, message = code) =>
  Object.assign(new Error(message), { code });

describe('explainNetworkError', () => {
  it.each([
    ['ECONNREFUSED', 'nothing listens there'],
    ['ENOTFOUND', 'the name cannot be resolved'],
    ['EAI_AGAIN', 'the name cannot be resolved'],
    ['EHOSTUNREACH', 'no way in the network leads there'],
    ['ECONNRESET', 'it closed the connection'],
    ['EPIPE', 'it closed the connection'],
    ['UND_ERR_SOCKET', 'it closed the connection'],
    ['ETIMEDOUT', 'it took too long to answer'],
    ['UND_ERR_CONNECT_TIMEOUT', 'it took too long to answer'],
    ['CERT_HAS_EXPIRED', 'its certificate has expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'made out to another name'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'signed by nobody whom the portal trusts'],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'signed by nobody whom the portal trusts',
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'no TLS connection comes about'],
    ['EPROTO', 'no TLS connection comes about'],
    ['HPE_INVALID_CONSTANT', 'does not speak HTTP'],
    ['EMFILE', 'the connection failed (EMFILE)'],
  ])('says what %s means, wherever it stands', (code, words) => {
    for (const error of [
      withCode(code),
      failed(withCode(code)),
      failed({ errors: [withCode(code), withCode('OTHER')] }),
    ]) {
      expect(explainNetworkError(error, 3_000)).toContain(words);
    }
  });

  it('says how long was waited', () => {
    for (const name of ['TimeoutError', 'AbortError']) {
      const error = Object.assign(new Error('aborted'), { name });
      expect(explainNetworkError(error, 2_500)).toBe(
        'nothing came within 2.5 s',
      );
    }
  });

  it('names the proxy that was asked, and a tunnel that it does not open', () => {
    const behind = (cause: object) =>
      Object.assign(new Error('fetch failed', { cause: failed(cause) }), {
        proxy: 'proxy.acme.org:3128',
      });
    const aborted = Object.assign(withCode('UND_ERR_ABORTED'), {
      name: 'AbortError',
    });
    for (const [cause, words] of [
      [withCode('ECONNREFUSED'), 'nothing listens there'],
      [aborted, 'the proxy opens no way there'],
    ] as const) {
      expect(explainNetworkError(behind(cause), 1)).toBe(
        `${words}, asked through the proxy proxy.acme.org:3128`,
      );
      expect(adviseOnNetworkError(behind(cause))).toContain('NO_PROXY');
    }
  });

  it('says how to trust an authority, and nothing where there is no more to do than to look', () => {
    for (const code of [
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    ]) {
      expect(adviseOnNetworkError(failed(withCode(code)))).toMatch(
        /caFile or caData.*NODE_EXTRA_CA_CERTS/,
      );
    }
    expect(adviseOnNetworkError(failed(withCode('ECONNREFUSED')))).toBe(
      undefined,
    );
  });

  it('takes the code from a message that holds nothing else of use', () => {
    expect(
      explainNetworkError(new Error('connect ECONNREFUSED 10.0.0.1:9000'), 1),
    ).toBe('nothing listens there');
    expect(explainNetworkError(new Error('socket hang up'), 1)).toBe(
      'it closed the connection',
    );
  });

  it('repeats nothing of an error but a code', () => {
    for (const error of [
      new Error('token s3cret is wrong'),
      withCode('s3cret'),
      { code: 's3cret', cause: 's3cret' },
      's3cret',
      undefined,
    ]) {
      expect(explainNetworkError(error, 1)).toBe('the connection failed');
    }
  });
});
