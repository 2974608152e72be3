import { isDeepStrictEqual } from 'node:util';
import {
  Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  Pair,
  ParsedNode,
  Scalar,
  visit,
  YAMLMap,
  YAMLSeq,
} from 'yaml';
import { ParsedYaml, parseYaml } from './parseYaml';
import { writeScalar } from './scalars';
import { contentEnd, Edit, Source } from './Source';
import { YamlProblem } from './YamlProblem';

/** One entry: text, or a mapping whose first pair names it. Lists in it hold texts. */
export type ListEntry = string | EntryMap;

export interface EntryMap {
  [key: string]: string | boolean | string[] | EntryMap;
}

export interface ListInsertion {
  text: string;
  /** Index of the document in the file. */
  document: number;
  /** Keys, and indexes of lists, that lead to the list; the list itself, under a key, may be absent or empty. */
  path: Array<string | number>;
  entry: ListEntry;
  /** What the list is sorted by; an entry without a key does not matter. */
  keyOf: (item: unknown) => string | undefined;
}

type List = YAMLSeq.Parsed;
type Mapping = YAMLMap.Parsed;

/**
 * Adds an entry to a list of a YAML file, before the first entry that is greater, else at the end.
 *
 * The text is spliced, so everything else stays byte for byte. The result is read back and must hold what the file held
 * before plus the entry: the formats of YAML are endless, and a way to write the entry that fails this is not taken.
 *
 * @throws YamlProblem when the list cannot be edited safely
 */
export function insertIntoList(insertion: ListInsertion): string {
  const { text, document, path, entry, keyOf } = insertion;
  const parsed = parseYaml(text);
  const { parent, pair } = findList(parsed, insertion);
  const items = asItems(getIn(parsed.values[document], path));
  const key = keyOf(entry)!;
  const greater = items.findIndex(item => {
    const other = keyOf(item);
    return other !== undefined && other > key;
  });
  const index = greater < 0 ? items.length : greater;

  const expected = withEntry(insertion, parsed.values, index);
  const source = new Source(text);
  for (const edits of proposeEdits()) {
    const after = source.apply(edits);
    if (holds(after, expected)) {
      return after;
    }
  }
  throw new YamlProblem(
    'format',
    `nothing can be added to ${path.join(
      '.',
    )} without changing something else; write it as a list with one entry per line`,
    lineAt(parsed, pair?.key ?? parent),
  );

  function proposeEdits(): Edit[][] {
    const list = pair?.value;
    if (isSeq(list) && list.flow && list.items.length > 0) {
      return [writeInFlow(source, list as List, index, entry)];
    }
    if (isSeq(list) && !list.flow) {
      return writeInBlock(source, list as List, index, entry);
    }
    if (parent.flow) {
      return [];
    }
    const step = sequenceStep(source, parsed.documents[document]);
    return pair
      ? writeEmpty(source, pair, { entry, step })
      : writeAbsent(source, parent, { key: String(path.at(-1)), entry, step });
  }
}

function findList(
  parsed: ParsedYaml,
  { document, path }: ListInsertion,
): { parent: Mapping; pair?: Pair<ParsedNode, ParsedNode | null> } {
  let node: unknown = parsed.documents[document].contents;
  for (const [depth, key] of path.entries()) {
    const name = path.slice(0, depth).join('.') || 'the document';
    if (isSeq(node) && typeof key === 'number') {
      node = node.items[key];
      continue;
    }
    if (!isMap(node)) {
      const problem = isAlias(node)
        ? 'is an alias: what is added there shows up elsewhere too'
        : 'is not a mapping';
      throw new YamlProblem(
        'format',
        `${name} ${problem}`,
        lineAt(parsed, node),
      );
    }
    const parent = node as Mapping;
    const pair = parent.items.find(
      item => isScalar(item.key) && item.key.value === key,
    );
    if (depth === path.length - 1) {
      const list = pair?.value;
      const empty = isScalar(list) && list.value === null;
      if (list && !isSeq(list) && !empty) {
        throw new YamlProblem(
          'format',
          `${path.join('.')} is not a list`,
          lineAt(parsed, list),
        );
      }
      return { parent, pair };
    }
    node = pair?.value;
  }
  throw new Error('The path to a list has at least one key');
}

/** A list with one entry per line: new lines before an entry and the comments that belong to it, or after the last. */
function writeInBlock(
  source: Source,
  list: List,
  index: number,
  entry: ListEntry,
): Edit[][] {
  const dashes = dashesOf(list);
  const model = Math.max(0, index - 1);
  const lead = source.leadOf(dashes[model]);
  const gap = /^-( +)[^\s#]/.exec(source.text.slice(dashes[model]))?.[1] ?? ' ';
  const lines = writeLines(entry, {
    lead,
    gap,
    quoting: quotingOf(list.items[model]),
  });
  if (index < list.items.length) {
    const floor = index > 0 ? source.lineEnd(contentEnd(list.items[model])) : 0;
    const at = source.aboveComments(dashes[index], floor);
    return [[source.linesAt(at, lines)]];
  }
  return source
    .endsOf(list.items[model], lead.length)
    .map(at => [source.linesAt(at, lines)]);
}

/** A list in brackets. */
function writeInFlow(
  source: Source,
  list: List,
  index: number,
  entry: ListEntry,
): Edit[] {
  const { text } = source;
  const neighbour = list.items[Math.min(index, list.items.length - 1)];
  const [start, end] = neighbour.range;
  const written = writeInline(entry, {
    quoting: quotingOf(neighbour),
    padded: /^\{\s/.test(text.slice(start)),
  });
  const lead = source.leadOf(start);
  const ownLine = /^\s*$/.test(lead) && lead.length > 0;
  const separator = ownLine ? source.eolAt(start) + lead : ' ';
  if (index < list.items.length) {
    return [{ at: start, insert: `${written},${separator}` }];
  }
  // A comment behind the last entry stays with it.
  const rest = text.slice(end, source.lineEnd(end));
  const comma = /^\s*(,?)\s*(#.*)?\r?\n?$/.exec(rest)?.[1];
  if (!ownLine || comma === undefined) {
    return [{ at: end, insert: `,${separator}${written}` }];
  }
  return [
    ...(comma ? [] : [{ at: end, insert: ',' }]),
    source.linesAt(source.lineEnd(end), [`${lead}${written}${comma}`]),
  ];
}

/** `buckets:`, `buckets: []` or `buckets: null`. */
function writeEmpty(
  source: Source,
  { key, value }: Pair<ParsedNode, ParsedNode | null>,
  options: { entry: ListEntry; step: number },
): Edit[][] {
  const lead = source.leadOf(key.range[0]);
  const lines = writeLines(options.entry, {
    lead: lead + ' '.repeat(options.step),
    gap: ' ',
  });
  const [start, end] = value?.range ?? [key.range[1], key.range[1]];
  const at = source.lineEnd(key.range[1]);
  const token = source.text.slice(start, end);
  if (!token.trim()) {
    return [[source.linesAt(at, lines)]];
  }
  if (!/^(\[\s*\]|~|null)$/i.test(token)) {
    return [];
  }
  if (end > at) {
    // On a line of its own: what is written takes the place of that line.
    const line = source.lineStart(start);
    const until = source.lineEnd(end);
    const isAlone = source.text.slice(line, until).trim() === token;
    return isAlone ? [[{ ...source.linesAt(line, lines), until }]] : [];
  }
  const from = source.text.slice(0, start).trimEnd().length;
  return [[{ at: from, until: end, insert: '' }, source.linesAt(at, lines)]];
}

/** No such key yet: a new one at the end of the mapping. */
function writeAbsent(
  source: Source,
  parent: Mapping,
  options: { key: string; entry: ListEntry; step: number },
): Edit[][] {
  const lead = source.leadOf(parent.range[0]);
  const lines = [
    `${lead}${options.key}:`,
    ...writeLines(options.entry, {
      lead: lead + ' '.repeat(options.step),
      gap: ' ',
    }),
  ];
  return source
    .endsOf(parent, lead.length)
    .map(at => [source.linesAt(at, lines)]);
}

interface Quoting {
  key?: Scalar.Type;
  value?: Scalar.Type;
}

/** How the neighbour is quoted, so that the new entry looks like it. */
function quotingOf(item: unknown): Quoting {
  const typeOf = (node: unknown) =>
    isScalar(node) ? (node.type as Scalar.Type) : undefined;
  const first = isMap(item) ? item.items[0] : undefined;
  return isPair(first)
    ? { key: typeOf(first.key), value: typeOf(first.value) }
    : { value: typeOf(item) };
}

/** The pairs of a mapping as lines; what is in them stands further in. */
function writePairs(entry: EntryMap, quoting: Quoting = {}): string[] {
  return Object.entries(entry).flatMap(([key, value]) => {
    const name = writeScalar(key, quoting.key);
    if (typeof value !== 'object') {
      return [`${name}: ${writeValue(value, quoting)}`];
    }
    const inner = Array.isArray(value)
      ? value.map(item => `- ${writeScalar(item, quoting.value)}`)
      : writePairs(value, quoting);
    return [`${name}:`, ...inner.map(line => `  ${line}`)];
  });
}

function writeValue(value: string | boolean, quoting: Quoting): string {
  return typeof value === 'string'
    ? writeScalar(value, quoting.value)
    : String(value);
}

function writeLines(
  entry: ListEntry,
  style: { lead: string; gap: string; quoting?: Quoting },
): string[] {
  const { lead, gap, quoting } = style;
  const lines =
    typeof entry === 'string'
      ? [writeScalar(entry, quoting?.value)]
      : writePairs(entry, quoting);
  const hang = ' '.repeat(1 + gap.length);
  return lines.map((line, i) => `${lead}${i ? hang : `-${gap}`}${line}`);
}

function writeInline(
  entry: ListEntry | string[],
  style: { quoting: Quoting; padded: boolean },
): string {
  const { quoting, padded } = style;
  if (typeof entry === 'string') {
    return writeScalar(entry, quoting.value);
  }
  if (Array.isArray(entry)) {
    return `[${entry
      .map(item => writeScalar(item, quoting.value))
      .join(', ')}]`;
  }
  const pairs = Object.entries(entry)
    .map(([key, value]) => {
      const written =
        typeof value === 'object'
          ? writeInline(value, style)
          : writeValue(value, quoting);
      return `${writeScalar(key, quoting.key)}: ${written}`;
    })
    .join(', ');
  return padded ? `{ ${pairs} }` : `{${pairs}}`;
}

/** How far lists stand in from their key in this document; two blanks where there is none to look at. */
function sequenceStep(source: Source, document: Document.Parsed): number {
  let step: number | undefined;
  visit(document, {
    Pair(_, { key, value }) {
      if (isScalar(key) && isSeq(value) && !value.flow && value.items.length) {
        const [dash] = dashesOf(value as List);
        const difference =
          source.leadOf(dash).length - source.leadOf(key.range![0]).length;
        step = Math.max(0, difference);
        return visit.BREAK;
      }
      return undefined;
    },
  });
  return step ?? 2;
}

/** Where the entries of a list begin. */
function dashesOf(list: List): number[] {
  const token = list.srcToken;
  return token?.type === 'block-seq'
    ? token.items.flatMap(({ start }) =>
        start.filter(t => t.type === 'seq-item-ind').map(t => t.offset),
      )
    : [];
}

function getIn(value: unknown, path: Array<string | number>): unknown {
  return path.reduce<unknown>(
    (node, key) =>
      (node as Record<string | number, unknown> | undefined)?.[key],
    value,
  );
}

function asItems(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The documents as they have to be afterwards. Copies do not share what aliases share, so an entry that an alias repeats shows. */
function withEntry(
  { document, path, entry }: ListInsertion,
  values: unknown[],
  index: number,
): unknown[] {
  const copies = asJson(values) as unknown[];
  const parent = getIn(copies[document], path.slice(0, -1)) as Record<
    string | number,
    unknown
  >;
  const items = asItems(parent[path.at(-1)!]);
  parent[path.at(-1)!] = [
    ...items.slice(0, index),
    entry,
    ...items.slice(index),
  ];
  return copies;
}

function holds(text: string, expected: unknown[]): boolean {
  try {
    return isDeepStrictEqual(asJson(parseYaml(text).values), expected);
  } catch {
    return false;
  }
}

function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function lineAt({ lines, documents }: ParsedYaml, node: unknown): number {
  const range =
    (node as ParsedNode | undefined)?.range ?? documents[0]?.contents?.range;
  return lines.linePos(range?.[0] ?? 0).line;
}
