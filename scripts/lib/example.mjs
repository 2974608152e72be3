// Tries the example of a package of somebody else, which knows nothing but what is published.
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

/**
 * Lays the example out as it would be installed: with the unpacked packages below it, whose own imports find each other
 * there and everything else in the repository.
 *
 * @param folder - where to; what is there goes
 * @param packages - name of each published package, and where it is unpacked
 */
export function layOutExample(folder, packages) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, 'examples/storage-kind'), folder, { recursive: true });
  for (const { name, directory } of packages) {
    const target = join(folder, 'node_modules', name);
    mkdirSync(target, { recursive: true });
    cpSync(directory, target, { recursive: true });
  }
}

/** Builds the example and runs its test. */
export function tryExample(folder, run) {
  run([join(root, 'node_modules/typescript/bin/tsc')], folder);
  run(
    [
      // The sandbox is started from its sources.
      '--require',
      join(root, 'node_modules/@backstage/cli/config/nodeTransform.cjs'),
      '--no-node-snapshot',
      '--test',
      '--test-force-exit',
      '--test-timeout=120000',
      'test/ready.test.cjs',
    ],
    folder,
  );
}
