// The real sops, age and kubeseal, which judge the Secrets that the portal writes. They are built from published Go modules, pinned.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run, step } from './steps.mjs';
import { home, isDone, markDone, paths } from './workspace.mjs';

// Each from one module: that is what `go install` takes at a time.
const INSTALLS = [
  ['github.com/getsops/sops/v3/cmd/sops@v3.11.0'],
  ['filippo.io/age/cmd/age@v1.2.1', 'filippo.io/age/cmd/age-keygen@v1.2.1'],
  ['github.com/bitnami-labs/sealed-secrets/cmd/kubeseal@v0.36.6'],
];

const COMMANDS = ['sops', 'age', 'age-keygen', 'kubeseal'];

/**
 * The folder with the commands: made when Go is at hand, else one of PATH that has them.
 *
 * @param options.bin - where they are made
 * @returns undefined when they cannot be had; the tests that need them are skipped then and say so
 */
export async function prepareSecretTools(
  env,
  { bin = join(paths.tools, 'go') } = {},
) {
  const hasThem = folder =>
    COMMANDS.every(name => existsSync(join(folder, name)));
  const onPath = (env.PATH ?? '').split(delimiter).find(hasThem);
  if (isDone('secret-tools', INSTALLS.join()) && hasThem(bin)) {
    return bin;
  }
  if (spawnSync('go', ['version'], { env }).status !== 0) {
    return onPath;
  }
  mkdirSync(bin, { recursive: true });
  try {
    await step(
      'Getting sops, age and kubeseal, to judge what is encrypted',
      async () => {
        for (const modules of INSTALLS) {
          await run('go', ['install', ...modules], {
            log: 'secret-tools',
            cwd: home,
            env: { ...env, GOBIN: bin },
          });
        }
      },
    );
  } catch {
    return onPath;
  }
  markDone('secret-tools', INSTALLS.join());
  return bin;
}
