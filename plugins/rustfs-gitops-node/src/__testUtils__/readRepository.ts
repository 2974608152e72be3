import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { RepositorySnapshot } from '../types';

/** All files below a folder of this machine, by path. */
export function readRepository(root: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => {
        const path = join(entry.parentPath, entry.name);
        return [
          relative(root, path).split(sep).join('/'),
          readFileSync(path, 'utf8'),
        ];
      }),
  );
}

/** What a forge reads of a repository for a folder: its YAML files, and the `.sourceignore` files that count for it. */
export function toSnapshot(
  files: Record<string, string>,
  folder: string,
): RepositorySnapshot {
  const isRead = (path: string) =>
    path.split('/').at(-1) === '.sourceignore' ||
    ((!folder || path.startsWith(`${folder}/`)) &&
      /(\.ya?ml|(^|\/)Kustomization)$/.test(path));
  return {
    revision: 'a'.repeat(40),
    files: Object.fromEntries(
      Object.entries(files)
        .filter(([path]) => isRead(path))
        .map(([path, content]) => [path, { content, id: `blob:${path}` }]),
    ),
  };
}
