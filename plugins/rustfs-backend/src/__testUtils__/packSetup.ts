import { execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';

/** Packs the setup program into a folder as it is published; answers where it is. */
export function packSetup(folder: string): string {
  const program = join(folder, 'rustfs-setup.cjs');
  const setup = dirname(require.resolve('@rustfs-portal/setup/package.json'));
  execFileSync(process.execPath, [join(setup, 'build.mjs'), program]);
  return program;
}
