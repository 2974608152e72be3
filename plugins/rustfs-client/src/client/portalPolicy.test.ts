import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { portalPolicy } from '@rustfs-portal/sandbox';

const ROOT = join(__dirname, '../../../..');

describe('the policy of the portal’s user', () => {
  it.each([
    ['plugins/rustfs-client/README.md', '```json'],
    ['docs/installation.md', 'portal.json: |'],
  ])('in %s is the one that the sandbox is tried with', (path, start) => {
    const page = readFileSync(join(ROOT, path), 'utf8');
    const from = page.indexOf('{', page.indexOf(start));
    const copied = JSON.parse(page.slice(from, page.indexOf('```', from)));
    expect(copied).toEqual(portalPolicy);
  });
});
