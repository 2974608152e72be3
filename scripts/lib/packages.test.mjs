import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, test } from 'node:test';
import { findPackageProblems } from './packages.mjs';

let directory;
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const MANIFEST = {
  name: '@example/plugin-fine',
  version: '1.0.0',
  description: 'A package that is fit to be published',
  license: 'Apache-2.0',
  keywords: ['backstage'],
  repository: {
    url: 'https://git.example.com/fine',
    directory: 'plugins/fine',
  },
  backstage: { role: 'backend-plugin', pluginId: 'fine' },
  main: './dist/index.cjs.js',
  types: './dist/index.d.ts',
  exports: {
    '.': {
      backstage: '@backstage/BackendFeature',
      require: './dist/index.cjs.js',
      types: './dist/index.d.ts',
    },
    './package.json': './package.json',
  },
  dependencies: { '@example/errors': '^1.0.0' },
  peerDependencies: { react: '^18.0.0' },
};

function problemsOf({ manifest = {}, files = {}, packedBytes = 1000 } = {}) {
  directory = mkdtempSync(join(tmpdir(), 'packages-'));
  const content = {
    LICENSE: 'Do what you like.',
    'README.md': 'How it is installed and used. '.repeat(20),
    'dist/index.cjs.js':
      "require('@example/errors'); require('node:fs'); require('./other.cjs.js');",
    'dist/other.cjs.js': '',
    'dist/index.d.ts': "import { ReactNode } from 'react';",
    ...files,
    'package.json': JSON.stringify({ ...MANIFEST, ...manifest }),
  };
  for (const [file, text] of Object.entries(content)) {
    if (text !== undefined) {
      mkdirSync(dirname(join(directory, file)), { recursive: true });
      writeFileSync(join(directory, file), text);
    }
  }
  return findPackageProblems({
    directory,
    packedBytes,
    license: 'Do what you like.',
    root: '/home/somebody/checkout',
  });
}

test('a package that has all it needs is fit to be published', () => {
  assert.deepEqual(problemsOf(), []);
});

const CASES = {
  'without a license': [{ files: { LICENSE: undefined } }, /no LICENSE/],
  'with another license': [
    { files: { LICENSE: 'No.' } },
    /not that of the rep/,
  ],
  'without a README': [{ files: { 'README.md': undefined } }, /no README/],
  'with an empty README': [{ files: { 'README.md': '# Fine' } }, /no README/],
  'with a range that only a workspace knows': [
    { manifest: { dependencies: { '@example/errors': 'workspace:^' } } },
    /"workspace:\^", which means nothing elsewhere/,
  ],
  'with dependencies for its development': [
    { manifest: { devDependencies: { '@example/sandbox': '^0.1.0' } } },
    /devDependencies/,
  ],
  'that is private': [{ manifest: { private: true } }, /private/],
  'without the role that Backstage wants': [
    { manifest: { backstage: { pluginId: 'fine' } } },
    /no backstage.role/,
  ],
  'whose types import what is no dependency': [
    {
      files: { 'dist/index.d.ts': "import { A } from '@example/filters/lib';" },
    },
    /index.d.ts imports @example\/filters, which is no dependency/,
  ],
  'whose types import it in the middle of a type': [
    { files: { 'dist/index.d.ts': "declare const a: import('hidden').A;" } },
    /imports hidden/,
  ],
  'whose code requires what is no dependency': [
    { files: { 'dist/other.cjs.js': "const x = require('hidden');" } },
    /other.cjs.js imports hidden/,
  ],
  'whose code imports it late': [
    { files: { 'dist/other.cjs.js': "const x = () => import('hidden');" } },
    /imports hidden/,
  ],
  'whose types need those of another package': [
    {
      manifest: { dependencies: { '@example/errors': '1', luxon: '^3.0.0' } },
      files: { 'dist/index.d.ts': "import { DateTime } from 'luxon';" },
    },
    /needs @types\/luxon/,
  ],
  'that points at a file which is missing': [
    { manifest: { types: './dist/missing.d.ts' } },
    /types of package.json points at .\/dist\/missing.d.ts/,
  ],
  'with a test': [{ files: { 'dist/a.test.js': '' } }, /for tests only/],
  'with recordings for tests': [
    { files: { 'dist/__fixtures__/a.json': '{}' } },
    /for tests only/,
  ],
  'that names a path of this machine': [
    {
      files: { 'dist/index.cjs.js.map': '"/home/somebody/checkout/src/a.ts"' },
    },
    /path of this machine/,
  ],
  'that is too large': [{ packedBytes: 10_000_000 }, /large/],
};

for (const [name, [content, expected]] of Object.entries(CASES)) {
  test(`a package ${name} is not`, () => {
    const problems = problemsOf(content);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0], expected);
  });
}
