/** Where it failed and not what was said: words of libraries may quote what they could not read. */
export function describeUnexpected(error: unknown): string {
  const { name, stack } =
    error instanceof Error ? error : { name: 'failure', stack: '' };
  const frames = (stack ?? '')
    .split('\n')
    .filter(line => line.startsWith('    at '));
  return [`Unexpected ${name}`, ...frames.slice(0, 5)].join('\n');
}
