import { posix } from 'node:path';

/** A folder as paths from the root of the repository begin with it: without `./` and slashes around; empty is the root. */
export function normalizeFolder(folder: string): string {
  return resolvePath('', folder) ?? '';
}

/** A path relative to a folder, from the root of the repository; undefined when it leads out of the repository. */
export function resolvePath(folder: string, path: string): string | undefined {
  const resolved = posix.normalize(posix.join(folder, path));
  if (resolved === '..' || resolved.startsWith('../')) {
    return undefined;
  }
  return resolved.replace(/^(\.?\/)+|^\.$|\/+$/g, '');
}

/** Whether a path lies below a folder. */
export function isBelow(path: string, folder: string): boolean {
  return folder === '' || path.startsWith(`${folder}/`);
}

export function folderOf(path: string): string {
  const folder = posix.dirname(path);
  return folder === '.' ? '' : folder;
}

export function joinPath(...parts: string[]): string {
  return parts.filter(Boolean).join('/');
}
