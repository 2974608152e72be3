import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';

const GIT_OBJECT = /objects\/[0-9a-f]{2}\/[0-9a-f]+$/;

/**
 * Looks for secrets where none may be: as they are, and in base64, also within a longer text that was encoded as a whole.
 *
 * @public
 */
export class SecretHunter {
  readonly #traces: string[];

  constructor(secrets: string[]) {
    if (secrets.some(secret => secret.length < 16)) {
      throw new Error('A secret as short as that is found anywhere by chance');
    }
    this.#traces = secrets.flatMap(secret => [secret, ...inBase64(secret)]);
  }

  /** Whether a text, or bytes that were read as `latin1`, hold one of the secrets. */
  isIn(text: string): boolean {
    return this.#traces.some(trace => text.includes(trace));
  }

  /**
   * Reads the files below a folder; objects of Git are unpacked, so that all that there ever was is looked at, on every
   * branch.
   *
   * @returns how many were read, and the paths of those that hold one of the secrets
   */
  async searchFolder(
    folder: string,
  ): Promise<{ read: number; found: string[] }> {
    const entries = await readdir(folder, {
      recursive: true,
      withFileTypes: true,
    });
    const paths = entries
      .filter(entry => entry.isFile())
      .map(({ name, parentPath }) => join(parentPath, name));
    const found: string[] = [];
    let read = 0;
    for (const path of paths) {
      const content = await readFile(path).catch(ignoreGone);
      if (!content) {
        continue;
      }
      read += 1;
      const bytes = GIT_OBJECT.test(path) ? inflateSync(content) : content;
      if (this.isIn(bytes.toString('latin1'))) {
        found.push(path);
      }
    }
    return { read, found };
  }
}

/** A database has files that come and go. */
function ignoreGone(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') {
    throw error;
  }
}

/** What base64 makes of a text, wherever in a longer one it begins: without the letters that its neighbours decide about. */
function inBase64(secret: string): string[] {
  return [0, 1, 2].map(offset => {
    const encoded = Buffer.concat([
      Buffer.alloc(offset),
      Buffer.from(secret),
    ]).toString('base64');
    return encoded.replace(/=+$/, '').slice(Math.ceil((offset * 8) / 6), -1);
  });
}
