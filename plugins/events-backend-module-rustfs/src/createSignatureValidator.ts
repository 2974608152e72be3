import { createHmac, timingSafeEqual } from 'node:crypto';
import { RequestValidator } from '@backstage/plugin-events-node';

/**
 * Takes what one of the secrets has signed: `X-Gitea-Signature` is the HMAC-SHA256 of the body as it came, in hex. Forgejo
 * sends it too.
 */
export function createSignatureValidator(secrets: string[]): RequestValidator {
  return async ({ headers, raw }, context) => {
    const signature = headers['x-gitea-signature'];
    const isSigned =
      typeof signature === 'string' &&
      secrets
        // All of them are tried, so that the time tells nothing of which one it was.
        .map(secret => isEqual(signature, sign(secret, raw.body)))
        .includes(true);
    if (!isSigned) {
      context.reject({
        status: 403,
        payload: {
          message:
            'The signature is not that of events.modules.gitea.webhookSecret: give the webhook that secret',
        },
      });
    }
  };
}

function sign(secret: string, body: Buffer): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function isEqual(one: string, other: string): boolean {
  const [a, b] = [one, other].map(text => Buffer.from(text));
  return a.length === b.length && timingSafeEqual(a, b);
}
