/** Whether a name is the one that is written, or begins like it where a star ends it. */
export function fitsName(name: string, pattern: string): boolean {
  return pattern.endsWith('*')
    ? name.startsWith(pattern.slice(0, -1))
    : name === pattern;
}
