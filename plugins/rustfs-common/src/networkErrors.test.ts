import { explainNetworkError } from './networkErrors';

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
