import { randomInt } from 'node:crypto';

const ACCESS_KEY_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const SECRET_KEY_CHARACTERS =
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-';

function randomText(characters: string, length: number): string {
  return Array.from(
    { length },
    () => characters[randomInt(characters.length)],
  ).join('');
}

/** A key pair of the form the server makes when it is asked to. */
export function generateKeys(): { accessKey: string; secretKey: string } {
  return {
    accessKey: randomText(ACCESS_KEY_CHARACTERS, 20),
    secretKey: randomText(SECRET_KEY_CHARACTERS, 40),
  };
}
