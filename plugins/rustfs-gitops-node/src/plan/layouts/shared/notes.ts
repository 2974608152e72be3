import { SecretWriter } from '../../../secrets';

/** Of a key that the portal makes and seals, whoever makes its user. */
export function keyNote({
  readers = 'those who may read it',
}: Partial<Pick<SecretWriter, 'readers'>> = {}): string {
  return `The key was made by the portal, encrypted at once for ${readers}, and kept nowhere in clear. Nobody has seen it, and the portal cannot read it back.`;
}
