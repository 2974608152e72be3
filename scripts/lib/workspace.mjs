// Where things are. Everything that the commands make lies below one ignored folder.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
export const home = join(root, '.sandbox');
export const paths = {
  tools: join(home, 'tools'),
  /** The world and the portal's database lie beside what the commands need for themselves. */
  state: home,
  logs: join(home, 'logs'),
  reports: join(home, 'reports'),
  stamps: join(home, 'stamps'),
};

/** A digest over the content of files and folders; node_modules and build output are left out. */
export function digest(entries, extra = '') {
  const hash = createHash('sha256').update(extra);
  const visit = path => {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) {
      return;
    }
    if (stat.isDirectory()) {
      for (const name of readdirSync(path).sort()) {
        if (
          !['node_modules', 'dist', 'dist-types', 'coverage'].includes(name)
        ) {
          visit(join(path, name));
        }
      }
      return;
    }
    hash
      .update(path.slice(root.length))
      .update('\0')
      .update(readFileSync(path));
  };
  entries.forEach(entry => visit(join(root, entry)));
  return hash.digest('hex');
}

/** True when the named work was last done for this very digest. */
export function isDone(name, value) {
  const file = join(paths.stamps, name);
  return existsSync(file) && readFileSync(file, 'utf8') === value;
}

export function markDone(name, value) {
  mkdirSync(paths.stamps, { recursive: true });
  writeFileSync(join(paths.stamps, name), value);
}

/** Removes the world and the portal's database, and nothing that takes long to get again. */
export function forgetState() {
  const kept = [paths.tools, paths.stamps, paths.logs, paths.reports];
  for (const name of readdirSync(home)) {
    if (!kept.includes(join(home, name))) {
      rmSync(join(home, name), { recursive: true, force: true });
    }
  }
}
