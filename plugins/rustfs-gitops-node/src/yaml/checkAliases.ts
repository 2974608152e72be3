import {
  Document,
  isAlias,
  isCollection,
  isPair,
  LineCounter,
  ParsedNode,
} from 'yaml';
import { YamlProblem } from './YamlProblem';

/** Values that aliases may stand for altogether; what people write stays far below, what grows without end does not. */
const MAX_REPEATED = 200_000;

/**
 * Refuses aliases that stand for nothing, for themselves, or that multiply: ten lists of ten aliases each to the next are
 * a few lines, and more values than any machine can hold. Their number alone does no harm.
 *
 * @throws YamlProblem
 */
export function checkAliases(
  document: Document.Parsed<ParsedNode>,
  lines: LineCounter,
): void {
  /** What each anchor stands for, aliases resolved; undefined as long as its end has not been reached. */
  const sizes = new Map<string, number | undefined>();
  let repeated = 0;
  sizeOf(document.contents);

  function sizeOf(node: unknown): number {
    if (isPair(node)) {
      return sizeOf(node.key) + sizeOf(node.value);
    }
    if (isAlias(node)) {
      const size = sizes.get(node.source);
      repeated += size ?? 0;
      if (size === undefined || repeated > MAX_REPEATED) {
        throw new YamlProblem(
          'syntax',
          explain(node.source, size),
          lines.linePos(node.range?.[0] ?? 0).line,
        );
      }
      return size;
    }
    const anchor = (node as ParsedNode | null)?.anchor;
    if (anchor) {
      sizes.set(anchor, undefined);
    }
    let size = 1;
    if (isCollection(node)) {
      for (const item of node.items) {
        size += sizeOf(item);
      }
    }
    if (anchor) {
      sizes.set(anchor, size);
    }
    return size;
  }

  function explain(name: string, size: number | undefined): string {
    if (size !== undefined) {
      return `*${name} and the aliases before it stand for more than ${MAX_REPEATED} values`;
    }
    return sizes.has(name)
      ? `*${name} stands inside of what it stands for`
      : `*${name} has no anchor &${name} before it`;
  }
}
