import { type ApiError, apiError, internalError } from '../http/ApiError';
import type { Exchange } from '../http/Exchange';
import type { IamStore } from '../iam/IamStore';
import type { Identity } from '../iam/model';
import { readSignedRequest } from './signedRequest';
import {
  canonicalRequest,
  deriveSigningKey,
  sameSignature,
  signString,
  stringToSign,
} from './signatureV4';

/** A verified signature and who made it. */
export interface Authentication {
  identity: Identity;
  presigned: boolean;
  /** `x-amz-content-sha256`: the hash of the body, or how the body is sent. */
  contentSha256: string;
}

interface KnownKey {
  secretKey: string;
  identity: Identity;
  /** Token the request has to carry. */
  token?: string;
  refusal?: ApiError;
}

function disabled(): ApiError {
  return apiError('InvalidAccessKeyId', 'check key failed');
}

/** Finds the key a request was signed with and verifies the signature. */
export class Authenticator {
  constructor(private readonly iam: IamStore) {}

  /** `undefined` for an anonymous request. */
  authenticate(exchange: Exchange): Authentication | undefined {
    const signed = readSignedRequest(exchange);
    if (!signed) {
      return undefined;
    }
    const key = this.findKey(signed.scope.accessKey);
    const signingKey = deriveSigningKey(key.secretKey, signed.scope);
    const expected = signString(
      signingKey,
      stringToSign(
        signed.amzDate,
        signed.scope,
        canonicalRequest({
          exchange,
          signedHeaders: signed.signedHeaders,
          // For service `sts` the header may be missing; the hash is then that of the body, which was read before.
          contentSha256: signed.contentSha256 || (exchange.bodySha256 ?? ''),
          presigned: signed.presigned,
        }),
      ),
    );
    if (!sameSignature(expected, signed.signature)) {
      throw apiError('SignatureDoesNotMatch');
    }
    this.checkToken(key, signed.sessionToken);
    if (key.refusal) {
      throw key.refusal;
    }
    return {
      identity: key.identity,
      presigned: signed.presigned,
      contentSha256: signed.contentSha256,
    };
  }

  private checkToken(key: KnownKey, given: string | undefined): void {
    if (key.token === given) {
      return;
    }
    const word = given === undefined ? 'invalid token1' : 'invalid token2';
    throw internalError(
      `check claims failed S3Error { code: InvalidRequest, message: "${word}", .. }`,
    );
  }

  private findKey(accessKey: string): KnownKey {
    const { root } = this.iam;
    if (accessKey === root.accessKey) {
      return {
        secretKey: root.secretKey,
        identity: { kind: 'root', accessKey, account: accessKey },
      };
    }
    const user = this.iam.users.get(accessKey);
    if (user) {
      return {
        secretKey: user.secretKey,
        identity: { kind: 'iam', accessKey, account: accessKey },
        refusal: user.status === 'disabled' ? disabled() : undefined,
      };
    }
    const account = this.iam.serviceAccounts.get(accessKey);
    if (account) {
      const expired =
        account.expiration !== undefined &&
        Date.parse(account.expiration) <= Date.now();
      return {
        secretKey: account.secretKey,
        identity: {
          kind: 'service-account',
          accessKey,
          account: account.parent,
          policy: account.policy,
        },
        refusal:
          !account.enabled || expired
            ? disabled()
            : this.refusalOfParent(account.parent),
      };
    }
    const session = this.iam.sessions.get(accessKey);
    if (session && Date.parse(session.expiration) > Date.now()) {
      return {
        secretKey: session.secretKey,
        token: session.token,
        identity: {
          kind: 'sts',
          accessKey,
          account: session.parent,
          policy: session.policy,
        },
        refusal: this.refusalOfParent(session.parent),
      };
    }
    throw apiError('InvalidAccessKeyId');
  }

  private refusalOfParent(parent: string): ApiError | undefined {
    return this.iam.users.get(parent)?.status === 'disabled'
      ? apiError('AccessDenied')
      : undefined;
  }
}
