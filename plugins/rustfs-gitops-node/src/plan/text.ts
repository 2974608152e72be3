import { oneLine } from '@rustfs-portal/plugin-rustfs-common';

/**
 * A ref, or a name of Kubernetes, with nothing in it that a forge acts on: what stands in titles, commit messages and
 * code spans has only the characters that such names can have.
 */
export function plainName(text: string): string {
  return text.replace(/[^A-Za-z0-9:/._-]+/g, '_');
}

/** A sentence of ours with names in it, as Markdown without anything that a forge acts on. */
export function plainSentence(text: string): string {
  return text.replace(/[^A-Za-z0-9 .,:;()'/_-]+/g, '_').replace(/_/g, '\\_');
}

/**
 * Markdown that shows lines as they are, whatever is in them. A fenced block is what all dialects agree on: a code span
 * ends where a table cell does, and at other places in one dialect than in another.
 */
export function codeBlock(lines: string[]): string {
  const runs = lines.flatMap(line => line.match(/`+/g) ?? []);
  const longest = Math.max(2, ...runs.map(({ length }) => length));
  const fence = '`'.repeat(longest + 1);
  return [`${fence}text`, ...lines.map(oneLine), fence].join('\n');
}
