// Tries the examples: packages of somebody else, which know nothing but what is published.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const EXAMPLES = join(root, 'examples');

/** Names of the folders of `examples` that are packages. */
export function findExamples() {
  return readdirSync(EXAMPLES)
    .filter(name => existsSync(join(EXAMPLES, name, 'package.json')))
    .sort();
}

/**
 * Lays an example out as it would be installed: with the unpacked packages below it, whose own imports find each other
 * there and everything else in the repository. What the tests of examples share lies beside it.
 *
 * @param folder - of all examples; what is there of this one goes
 * @param packages - name of each published package, and where it is unpacked
 * @returns where the example lies
 */
export function layOutExample(folder, name, packages) {
  for (const part of [name, 'support']) {
    rmSync(join(folder, part), { recursive: true, force: true });
    cpSync(join(EXAMPLES, part), join(folder, part), { recursive: true });
  }
  const example = join(folder, name);
  for (const { name: installed, directory } of packages) {
    const target = join(example, 'node_modules', installed);
    mkdirSync(target, { recursive: true });
    cpSync(directory, target, { recursive: true });
  }
  return example;
}

/** Builds an example and runs its tests. */
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
      ...readdirSync(join(folder, 'test'))
        .filter(name => name.endsWith('.test.cjs'))
        .map(name => `test/${name}`),
    ],
    folder,
  );
}
