// Builds and packs every package that is published, and looks at what an adopter would get. The declarations come from the
// type check: `yarn tsc && node scripts/packages.mjs`. The tarballs stay in .sandbox/packages. The examples, packages of
// somebody else, are then built against them, and their requests followed to the end.
import { spawnSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { findExamples, layOutExample, tryExample } from './lib/example.mjs';
import { findPackageProblems } from './lib/packages.mjs';
import { home, paths, root } from './lib/workspace.mjs';

const yarn = join(paths.tools, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
const target = join(home, 'packages');
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });

run([yarn, 'backstage-cli', 'repo', 'build']);

let failed = false;
const packages = [];
for (const name of readdirSync(join(root, 'plugins'))) {
  const directory = join(root, 'plugins', name);
  const tarball = join(target, `${name}.tgz`);
  run([yarn, 'pack', '--out', tarball], directory);
  const unpacked = join(target, name);
  mkdirSync(unpacked);
  const { status, stderr } = spawnSync(
    'tar',
    ['-xzf', tarball, '-C', unpacked, '--strip-components', '1'],
    { encoding: 'utf8' },
  );
  if (status !== 0) {
    throw new Error(`${tarball} cannot be unpacked: ${stderr}`);
  }
  packages.push({
    name: JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')).name,
    directory: unpacked,
  });
  const problems = findPackageProblems({
    directory: unpacked,
    packedBytes: statSync(tarball).size,
    license: readFileSync(join(root, 'LICENSE'), 'utf8'),
    root,
  });
  console.log(
    `${name}: ${Math.ceil(statSync(tarball).size / 1024)} KiB, ${
      problems.length ? 'not fit to be published' : 'well'
    }`,
  );
  for (const problem of problems) {
    console.log(`  ${problem}`);
  }
  failed ||= problems.length > 0;
}

for (const name of findExamples()) {
  tryExample(layOutExample(join(target, 'examples'), name, packages), run);
  console.log(`examples/${name}: its requests become ready`);
}
process.exitCode = failed ? 1 : 0;

function run(args, cwd = root) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd,
    encoding: 'utf8',
  });
  if (status !== 0) {
    console.log(`${stdout}${stderr}`);
    process.exit(1);
  }
}
