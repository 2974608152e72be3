export interface DiffLine {
  kind: 'added' | 'removed' | 'context' | 'hunk' | 'note';
  text: string;
  before?: number;
  after?: number;
}

export interface DiffFile {
  path: string;
  previousPath?: string;
  /** In words, for example `new file`. */
  note?: string;
  lines: DiffLine[];
  additions: number;
  deletions: number;
}

function unquote(path: string): string {
  // Git puts unusual names in quotes, with octal escapes for the bytes.
  if (!path.startsWith('"')) return path;
  const bytes: number[] = [];
  const inner = path.slice(1, -1);
  for (let at = 0; at < inner.length; at += 1) {
    const octal = /^\\([0-7]{3})/.exec(inner.slice(at));
    if (octal) {
      bytes.push(parseInt(octal[1], 8));
      at += 3;
    } else {
      if (inner[at] === '\\') at += 1;
      bytes.push(...Buffer.from(inner[at]));
    }
  }
  return Buffer.from(bytes).toString('utf8');
}

/** Takes the output of `git diff` apart. */
export function parseDiff(text: string): DiffFile[] {
  const files: DiffFile[] = [];
  let file: DiffFile | undefined;
  let before = 0;
  let after = 0;
  let inHunk = false;
  for (const line of text.split('\n')) {
    if (line.startsWith('diff --git ')) {
      const [, path] = /^diff --git .* "?b\/(.*?)"?$/.exec(line) ?? [];
      file = { path: path ?? '', lines: [], additions: 0, deletions: 0 };
      files.push(file);
      inHunk = false;
      continue;
    }
    if (!file) continue;
    const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(line);
    if (hunk) {
      inHunk = true;
      before = Number(hunk[1]);
      after = Number(hunk[2]);
      file.lines.push({ kind: 'hunk', text: line });
    } else if (!inHunk) {
      readHeader(file, line);
    } else if (line.startsWith('+')) {
      file.additions += 1;
      file.lines.push({ kind: 'added', text: line.slice(1), after });
      after += 1;
    } else if (line.startsWith('-')) {
      file.deletions += 1;
      file.lines.push({ kind: 'removed', text: line.slice(1), before });
      before += 1;
    } else if (line.startsWith(' ')) {
      file.lines.push({ kind: 'context', text: line.slice(1), before, after });
      before += 1;
      after += 1;
    } else if (line.startsWith('\\')) {
      file.lines.push({ kind: 'note', text: line.slice(2) });
    }
  }
  return files;
}

function readHeader(file: DiffFile, line: string): void {
  const name = /^\+\+\+ (?:b\/|(?=")|)(.*)$/.exec(line);
  if (line.startsWith('new file')) file.note = 'new file';
  else if (line.startsWith('deleted file')) file.note = 'deleted';
  else if (line.startsWith('rename from ')) {
    file.note = 'renamed';
    file.previousPath = unquote(line.slice('rename from '.length));
  } else if (line.startsWith('rename to ')) {
    file.path = unquote(line.slice('rename to '.length));
  } else if (line.startsWith('Binary files')) {
    file.lines.push({ kind: 'note', text: 'Binary file' });
  } else if (name && name[1] !== '/dev/null') {
    file.path = name[1].startsWith('"')
      ? unquote(name[1]).replace(/^b\//, '')
      : name[1].replace(/\t$/, '');
  } else {
    const mode = /^(?:new|old) mode (\d+)$/.exec(line);
    if (mode) file.note = 'mode changed';
  }
}
