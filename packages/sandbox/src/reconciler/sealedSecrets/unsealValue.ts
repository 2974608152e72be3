import { constants, createDecipheriv, privateDecrypt } from 'node:crypto';

const TAG_BYTES = 16;

/**
 * Opens a value as the sealed-secrets controller does (`HybridDecrypt` of its `pkg/crypto`).
 *
 * @param label - `namespace/name`: the scope is strict
 * @returns undefined when the key is another, or the value was sealed for another place
 */
export function unsealValue(
  privateKey: string,
  sealed: string,
  label: string,
): Buffer | undefined {
  const bytes = Buffer.from(sealed, 'base64');
  try {
    const end = 2 + bytes.readUInt16BE();
    const sessionKey = privateDecrypt(
      {
        key: privateKey,
        padding: constants.RSA_PKCS1_OAEP_PADDING,
        oaepHash: 'sha256',
        oaepLabel: Buffer.from(label),
      },
      bytes.subarray(2, end),
    );
    const cipher = createDecipheriv(
      'aes-256-gcm',
      sessionKey,
      Buffer.alloc(12),
    ).setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([
      cipher.update(bytes.subarray(end, -TAG_BYTES)),
      cipher.final(),
    ]);
  } catch {
    return undefined;
  }
}
