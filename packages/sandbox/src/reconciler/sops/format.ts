import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** The metadata block that SOPS keeps in a document. */
export const SOPS_KEY = 'sops';

const ENCRYPTED =
  /^ENC\[AES256_GCM,data:(.+),iv:(.+),tag:(.+),type:(str|int|float|bool|bytes|time|comment)\]$/s;

/** SOPS uses 32 bytes where AES-GCM usually takes 12. */
const IV_BYTES = 32;

export function isEncryptedValue(value: unknown): value is string {
  return typeof value === 'string' && ENCRYPTED.test(value);
}

/**
 * The additional authenticated data of a value: the map keys that lead to it. Positions in lists are not part of it.
 */
export function additionalData(path: readonly string[]): string {
  return path.map(key => `${key}:`).join('');
}

export function sealValue(options: {
  key: Buffer;
  value: string;
  additionalData: string;
}): string {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', options.key, iv);
  cipher.setAAD(Buffer.from(options.additionalData));
  const data = Buffer.concat([
    cipher.update(options.value, 'utf8'),
    cipher.final(),
  ]);
  return `ENC[AES256_GCM,data:${data.toString('base64')},iv:${iv.toString(
    'base64',
  )},tag:${cipher.getAuthTag().toString('base64')},type:str]`;
}

export function openValue(options: {
  key: Buffer;
  text: string;
  additionalData: string;
}): string | number | boolean {
  const match = ENCRYPTED.exec(options.text);
  if (!match) {
    throw new Error('Input string does not match sops data format');
  }
  const [, data, iv, tag, type] = match;
  const decipher = createDecipheriv(
    'aes-256-gcm',
    options.key,
    Buffer.from(iv, 'base64'),
  );
  decipher.setAAD(Buffer.from(options.additionalData));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  let plain: string;
  try {
    plain = Buffer.concat([
      decipher.update(Buffer.from(data, 'base64')),
      decipher.final(),
    ]).toString('utf8');
  } catch {
    throw new Error(
      'Could not decrypt with AES_GCM: cipher: message authentication failed',
    );
  }
  switch (type) {
    case 'int':
    case 'float':
      return Number(plain);
    case 'bool':
      return plain === 'True';
    default:
      return plain;
  }
}
