import { Encrypter } from 'age-encryption';

/** Whether a text is a public key that the portal can encrypt for: X25519 or its post-quantum successor. */
export function isRecipient(text: string): boolean {
  try {
    new Encrypter().addRecipient(text);
    return true;
  } catch {
    return false;
  }
}
