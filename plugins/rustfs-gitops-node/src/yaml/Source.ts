import { isMap, isPair, isSeq, Pair, ParsedNode } from 'yaml';

/** A piece of text that is put in; `until` says up to where the old text gives way. */
export interface Edit {
  at: number;
  until?: number;
  insert: string;
}

/** Text by lines, with splices. */
export class Source {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** How the line before a position ends, or the next one where it is the first. */
  eolAt(at: number): string {
    const before = this.text.lastIndexOf('\n', at - 1);
    const newline = at > 0 && before >= 0 ? before : this.text.indexOf('\n');
    return newline > 0 && this.text[newline - 1] === '\r' ? '\r\n' : '\n';
  }

  lineStart(at: number): number {
    return this.text.lastIndexOf('\n', at - 1) + 1;
  }

  /** Behind the line break of the line, or the end of the text. */
  lineEnd(at: number): number {
    const newline = this.text.indexOf('\n', at);
    return newline < 0 ? this.text.length : newline + 1;
  }

  /** What stands before a position on its line. */
  leadOf(at: number): string {
    return this.text.slice(this.lineStart(at), at).replace(/^\uFEFF/, '');
  }

  /** The start of the line of an entry, or of the comments right above it that stand as far in as it does. */
  aboveComments(at: number, floor: number): number {
    const lead = this.leadOf(at);
    let start = this.lineStart(at);
    while (start > floor) {
      const previous = this.lineStart(start - 1);
      if (previous < floor || !this.text.startsWith(`${lead}#`, previous)) {
        break;
      }
      start = previous;
    }
    return start;
  }

  /** Where lines can follow a node: behind its text and the comments that stand further in, or behind all of it. */
  endsOf(node: ParsedNode, column: number): number[] {
    const end = contentEnd(node);
    let at = this.lineEnd(this.text.slice(0, end).trimEnd().length);
    for (;;) {
      const line = this.text.slice(at, this.lineEnd(at));
      const comment = /^( *)#/.exec(line);
      if (!comment || comment[1].length <= column) {
        break;
      }
      at = this.lineEnd(at);
    }
    // The blank lines at the end of a `|+` text belong to the text.
    return end > at ? [at, end] : [at];
  }

  linesAt(at: number, lines: string[]): Edit {
    const eol = this.eolAt(at);
    const joined = lines.join(eol);
    const onNewLine = at === 0 || this.text[at - 1] === '\n';
    return { at, insert: onNewLine ? joined + eol : eol + joined };
  }

  apply(edits: Edit[]): string {
    let result = '';
    let from = 0;
    for (const { at, until, insert } of edits) {
      result += this.text.slice(from, at) + insert;
      from = until ?? at;
    }
    return result + this.text.slice(from);
  }
}

/** Where a node really ends: ranges of mappings and lists include comments behind them. */
export function contentEnd(node: ParsedNode | null): number {
  if ((isMap(node) || isSeq(node)) && !node.flow && node.items.length > 0) {
    const last = node.items.at(-1) as ParsedNode | Pair;
    return isPair(last)
      ? Math.max(
          contentEnd(last.key as ParsedNode),
          contentEnd(last.value as ParsedNode | null),
        )
      : contentEnd(last as ParsedNode);
  }
  return node?.range[1] ?? 0;
}
