/** A folder as the forge names it: `./a//b/./c/` is `a/b/c`; undefined when it may lie outside of the repository. */
export function normalizeFolder(path: string): string | undefined {
  const segments = path
    .split('/')
    .filter(segment => segment !== '' && segment !== '.');
  return segments.includes('..') ? undefined : segments.join('/');
}
