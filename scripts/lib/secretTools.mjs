// The real sops and age, which judge the Secrets that the portal writes. They are built from published Go modules, pinned.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { run, step } from './steps.mjs';
import { home, isDone, markDone, paths } from './workspace.mjs';

// Each from one module: that is what `go install` takes at a time.
const INSTALLS = [
  ['github.com/getsops/sops/v3/cmd/sops@v3.11.0'],
  ['filippo.io/age/cmd/age@v1.2.1', 'filippo.io/age/cmd/age-keygen@v1.2.1'],
];

/**
 * The folder with the commands, made when Go is at hand.
 *
 * @returns undefined when they cannot be had; the tests that need them are skipped then and say so
 */
export async function prepareSecretTools(env) {
  const bin = join(paths.tools, 'go');
  const isThere =
    isDone('secret-tools', INSTALLS.join()) &&
    ['sops', 'age-keygen'].every(name => existsSync(join(bin, name)));
  if (isThere) {
    return bin;
  }
  if (spawnSync('go', ['version'], { env }).status !== 0) {
    return undefined;
  }
  mkdirSync(bin, { recursive: true });
  try {
    await step('Getting sops and age, to judge what is encrypted', async () => {
      for (const modules of INSTALLS) {
        await run('go', ['install', ...modules], {
          log: 'secret-tools',
          cwd: home,
          env: { ...env, GOBIN: bin },
        });
      }
    });
  } catch {
    return undefined;
  }
  markDone('secret-tools', INSTALLS.join());
  return bin;
}
