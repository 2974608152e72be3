import { createHash } from 'node:crypto';

/** Upper-case letters and digits, as access keys have them; 32 of them, so that a byte gives one without a remainder. */
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What requests call the Secret of a workload, whichever tenant its key is for. */
export function secretNameOf(consumer: {
  cluster: string;
  namespace: string;
  secret: string;
}): string {
  return `${consumer.cluster}/${consumer.namespace}/${consumer.secret}`;
}

/**
 * The name of the user that a request makes on the server: 20 letters and digits, which every client and proxy takes. It
 * follows from the id of the request, so that a repeat is the same user; it is no secret.
 */
export function accessKeyIdOf(requestId: string): string {
  const bytes = createHash('sha256').update(`access ${requestId}`).digest();
  return `RFS${[...bytes.subarray(0, 17)].map(b => LETTERS[b % 32]).join('')}`;
}
