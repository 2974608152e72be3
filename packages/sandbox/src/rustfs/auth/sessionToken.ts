import { createHmac } from 'node:crypto';

function base64Url(value: string | Buffer): string {
  return Buffer.from(value).toString('base64url');
}

/** A session token: a JWT like the real one, so that clients that look into it find the same claims. */
export function createSessionToken(
  claims: Record<string, unknown>,
  secret: string,
): string {
  const content = `${base64Url(
    JSON.stringify({ alg: 'HS512', typ: 'JWT' }),
  )}.${base64Url(JSON.stringify(claims))}`;
  return `${content}.${base64Url(
    createHmac('sha512', secret).update(content).digest(),
  )}`;
}
