// Runs after Backstage's own prepack in each published package: what only this repository needs does not go out. Some of
// it is private and could not be resolved elsewhere. Backstage's postpack brings the package.json back.
import { readFileSync, writeFileSync } from 'node:fs';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
delete manifest.devDependencies;
writeFileSync('package.json', `${JSON.stringify(manifest, undefined, 2)}\n`);
