/** One line of a unified diff. */
export interface DiffLine {
  kind: 'added' | 'removed' | 'context' | 'hunk';
  text: string;
}

/** Reads the hunks of a unified diff; the file header is left out. */
export function parseDiff(diff: string): DiffLine[] {
  const lines: DiffLine[] = [];
  let inHunk = false;
  for (const line of diff.replace(/\n$/, '').split('\n')) {
    if (line.startsWith('@@')) {
      inHunk = true;
      lines.push({ kind: 'hunk', text: line });
    } else if (inHunk && !line.startsWith('\\')) {
      lines.push({
        kind:
          (line.startsWith('+') && 'added') ||
          (line.startsWith('-') && 'removed') ||
          'context',
        text: line.slice(1),
      });
    }
  }
  return lines;
}
