// Packs the program into one file that `node` starts without anything beside it.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const home = dirname(fileURLToPath(import.meta.url));
const { version } = JSON.parse(readFileSync(join(home, 'package.json')));

await build({
  entryPoints: [join(home, 'src/index.ts')],
  outfile: process.argv[2] ?? join(home, 'dist/rustfs-setup.cjs'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  format: 'cjs',
  minifySyntax: true,
  legalComments: 'inline',
  banner: { js: '#!/usr/bin/env node' },
  define: { SETUP_VERSION: JSON.stringify(version) },
  logLevel: 'warning',
});
