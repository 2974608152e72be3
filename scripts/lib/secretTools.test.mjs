import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { prepareSecretTools } from './secretTools.mjs';

test('without Go the real commands of PATH are taken, and none where it has not all of them', async t => {
  const folder = mkdtempSync(join(tmpdir(), 'secret-tools-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const find = () =>
    prepareSecretTools({ PATH: folder }, { bin: join(folder, 'made') });

  writeFileSync(join(folder, 'sops'), '');
  assert.equal(await find(), undefined);
  writeFileSync(join(folder, 'age'), '');
  writeFileSync(join(folder, 'age-keygen'), '');
  writeFileSync(join(folder, 'kubeseal'), '');
  assert.equal(await find(), folder);
});
