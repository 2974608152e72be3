import { posix } from 'node:path';
import { DeclarationTarget, FileChange } from '../types';
import { Layout } from './layouts';

/** Where forges find what they run, and what steers Git itself; a folder `.gitops` is like any other. */
const OF_THE_FORGE =
  /^\.(git|gitea|github|forgejo|gitlab)(\/|$)|^\.git(lab-ci\.yml|modules|attributes)$/i;

/**
 * A layout may come from anywhere, and what it answers is written with the rights that the portal has on the forge. Workflows
 * of the forge would run as it says, and what is rendered from a template is undone by the next rendering.
 *
 * @throws Error when a file is none that a layout may change
 */
export function requireOwnPaths(
  { id }: Layout,
  files: FileChange[],
  { rendered = {} }: DeclarationTarget,
): void {
  for (const { path } of files) {
    const reason = whyForeign(path, rendered);
    if (reason) {
      throw new Error(
        `Layout ${id} would change ${JSON.stringify(path)}, ${reason}`,
      );
    }
  }
}

function whyForeign(
  path: string,
  rendered: Record<string, string>,
): string | undefined {
  const parts = path.split('/');
  if (
    path.startsWith('/') ||
    parts.includes('..') ||
    path.includes('\\') ||
    posix.normalize(path) !== path ||
    path === '.'
  ) {
    return 'which is no path from the root of the repository';
  }
  if (OF_THE_FORGE.test(path) || /(^|\/)\.git(\/|$)/i.test(path)) {
    return 'which belongs to Git or to the forge';
  }
  return Object.hasOwn(rendered, path)
    ? `which is rendered from ${rendered[path]}`
    : undefined;
}
