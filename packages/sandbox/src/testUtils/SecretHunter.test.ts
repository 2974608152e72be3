import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { SecretHunter } from './SecretHunter';

const SECRET = 'wJalrXUtnFEMI7K7MDENGbPxRfiCYEXAMPLEKEY0';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('SecretHunter', () => {
  const hunter = new SecretHunter([SECRET]);

  it.each([
    ['as it is', `{"key":"${SECRET}"}`, true],
    ['in base64', base64(SECRET), true],
    ['one letter into an encoded text', base64(`a${SECRET}`), true],
    ['two letters into an encoded text', base64(`ab${SECRET}, and on`), true],
    ['in the middle of an encoded text', base64(`{"key":"${SECRET}"}`), true],
    ['not at all', `${SECRET.slice(1)} ${base64('another')}`, false],
  ])('finds it %s', (_, text, expected) => {
    expect(hunter.isIn(text)).toBe(expected);
  });

  it('refuses to look for what is everywhere', () => {
    expect(() => new SecretHunter([''])).toThrow(/short/);
  });

  it('reads files, and what Git has packed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'secret-hunter-'));
    const objects = join(folder, 'acme.git/objects/4b');
    await mkdir(objects, { recursive: true });
    const packed = join(objects, 'e1f09');
    const plain = join(folder, 'portal.sqlite');
    await writeFile(packed, deflateSync(`blob 40\0${SECRET}`));
    await writeFile(plain, Buffer.from([0, 1, ...Buffer.from(SECRET), 255]));
    await writeFile(join(folder, 'other'), 'nothing');
    const { found, read } = await hunter.searchFolder(folder);
    expect(read).toBe(3);
    expect(found.sort()).toEqual([packed, plain].sort());
    await rm(folder, { recursive: true });
  });
});
