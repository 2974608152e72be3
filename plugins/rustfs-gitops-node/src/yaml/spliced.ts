import { isDeepStrictEqual } from 'node:util';
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Pair,
  ParsedNode,
  YAMLMap,
} from 'yaml';
import { ParsedYaml, parseYaml } from './parseYaml';
import { YamlProblem } from './YamlProblem';
import { Edit, Source } from './Source';

/** Keys of mappings and positions in lists. */
export type YamlPath = Array<string | number>;

export type ParsedPair = Pair<ParsedNode, ParsedNode | null>;

/**
 * Tries edits of a text in turn and takes the first whose result holds what it has to: the formats of YAML are endless,
 * and a way to write that fails this is not taken.
 *
 * @throws YamlProblem with the line of `node` when none does
 */
export function spliced(options: {
  parsed: ParsedYaml;
  text: string;
  expected: unknown[];
  proposals: Edit[][];
  node: unknown;
  /** What could not be done, and how to write it so that it can be. */
  problem: string;
}): string {
  const { parsed, text, expected, proposals, node, problem } = options;
  const source = new Source(text);
  for (const edits of proposals) {
    const after = source.apply(edits);
    if (holds(after, expected)) {
      return after;
    }
  }
  throw new YamlProblem('format', problem, lineAt(parsed, node));
}

/** The node at a path. @throws YamlProblem when the way there leads through an alias or something else than told. */
export function nodeAt(
  parsed: ParsedYaml,
  document: number,
  path: YamlPath,
): ParsedNode {
  let node: unknown = parsed.documents[document].contents;
  for (const [depth, key] of path.entries()) {
    const next =
      typeof key === 'number'
        ? isSeq(node) && node.items[key]
        : isMap(node) && pairOf(node as YAMLMap.Parsed, key)?.value;
    if (!next) {
      const name = path.slice(0, depth).join('.') || 'the document';
      throw new YamlProblem(
        'format',
        isAlias(node)
          ? `${name} is an alias: what is changed there shows up elsewhere too`
          : `${name} has no ${key}`,
        lineAt(parsed, node),
      );
    }
    node = next;
  }
  return node as ParsedNode;
}

export function pairOf(
  mapping: YAMLMap.Parsed,
  key: string,
): ParsedPair | undefined {
  return mapping.items.find(
    item => isScalar(item.key) && item.key.value === key,
  );
}

/** The values of all documents, each part on its own: copies do not share what aliases share. */
export function copyOf(values: unknown[]): unknown[] {
  return JSON.parse(JSON.stringify(values)) as unknown[];
}

/** The value at a path of a plain value. */
export function valueAt(value: unknown, path: YamlPath): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      (node as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
}

function holds(text: string, expected: unknown[]): boolean {
  try {
    return isDeepStrictEqual(copyOf(parseYaml(text).values), expected);
  } catch {
    return false;
  }
}

export function lineAt(
  { lines, documents }: ParsedYaml,
  node: unknown,
): number {
  const range =
    (node as ParsedNode | undefined)?.range ?? documents[0]?.contents?.range;
  return lines.linePos(range?.[0] ?? 0).line;
}
