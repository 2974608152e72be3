import {
  constants,
  createCipheriv,
  KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';

const SESSION_KEY_BYTES = 32;

/** Each value has a session key of its own, so that the same nonce is used once. */
const NONCE = Buffer.alloc(12);

/**
 * Encrypts one value as `kubeseal` of bitnami-labs/sealed-secrets does (`HybridEncrypt` of its `pkg/crypto`): a session key
 * under RSA-OAEP with SHA-256, its length in two bytes before it, and the value under AES-256-GCM behind it; in base64.
 *
 * @param label - binds the value to where it may be opened: whoever opens it has to give the same
 */
export function sealValue(
  publicKey: KeyObject,
  value: string,
  label: string,
): string {
  const sessionKey = randomBytes(SESSION_KEY_BYTES);
  const wrapped = publicEncrypt(
    {
      key: publicKey,
      padding: constants.RSA_PKCS1_OAEP_PADDING,
      oaepHash: 'sha256',
      oaepLabel: Buffer.from(label),
    },
    sessionKey,
  );
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  const cipher = createCipheriv('aes-256-gcm', sessionKey, NONCE);
  const sealed = [cipher.update(value, 'utf8'), cipher.final()];
  sessionKey.fill(0);
  return Buffer.concat([
    length,
    wrapped,
    ...sealed,
    cipher.getAuthTag(),
  ]).toString('base64');
}
