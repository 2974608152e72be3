import { isSeq, YAMLSeq } from 'yaml';
import { parseYaml } from './parseYaml';
import { YamlProblem } from './YamlProblem';
import { contentEnd, Edit, Source } from './Source';
import { copyOf, lineAt, nodeAt, spliced, valueAt, YamlPath } from './spliced';

/**
 * Takes an entry out of a list of a YAML file, with the comments right above it; everything else stays byte for byte. The
 * last entry leaves an empty list behind.
 *
 * @throws YamlProblem when the list cannot be edited safely
 */
export function removeFromList(removal: {
  text: string;
  /** Index of the document in the file. */
  document: number;
  /** Leads to the list. */
  path: YamlPath;
  /** The first entry for which it holds is taken out. */
  where: (item: unknown, index: number) => boolean;
}): string {
  const { text, document, path, where } = removal;
  const parsed = parseYaml(text);
  const node = nodeAt(parsed, document, path);
  if (!isSeq(node)) {
    throw new YamlProblem(
      'format',
      `${path.join('.')} is not a list`,
      lineAt(parsed, node),
    );
  }
  const list = node as YAMLSeq.Parsed;
  const items = valueAt(parsed.values[document], path) as unknown[];
  const index = items.findIndex(where);
  if (index < 0) {
    return text;
  }
  const expected = copyOf(parsed.values);
  (valueAt(expected[document], path) as unknown[]).splice(index, 1);
  const source = new Source(text);
  return spliced({
    parsed,
    text,
    expected,
    proposals: list.flow
      ? proposeInFlow(source, list, index)
      : proposeInBlock(source, list, index),
    node: list.items[index],
    problem: `Nothing can be taken out of ${path.join(
      '.',
    )} without changing something else; write it as a list with one entry per line`,
  });
}

function proposeInBlock(
  source: Source,
  list: YAMLSeq.Parsed,
  index: number,
): Edit[][] {
  const { text } = source;
  const item = list.items[index];
  const dash = text.lastIndexOf('-', item.range[0] - 1);
  const end = source.lineEnd(text.slice(0, contentEnd(item)).trimEnd().length);
  if (list.items.length === 1) {
    // Where the key stands, on the line above.
    const start = source.aboveComments(dash, 0);
    const colon = text.slice(0, start).trimEnd().length;
    const rest = text.slice(colon, start);
    return [
      [{ at: colon, until: end, insert: ` []${rest || source.eolAt(colon)}` }],
    ];
  }
  const floor =
    index > 0 ? source.lineEnd(contentEnd(list.items[index - 1])) : 0;
  return [
    [{ at: source.aboveComments(dash, floor), until: end, insert: '' }],
    [{ at: source.lineStart(dash), until: end, insert: '' }],
  ];
}

function proposeInFlow(
  source: Source,
  list: YAMLSeq.Parsed,
  index: number,
): Edit[][] {
  const { text } = source;
  const [start, end] = list.items[index].range;
  const behind = /^\s*,[ \t]*(\r?\n)?/.exec(text.slice(end))?.[0];
  const before = /,\s*$/.exec(text.slice(0, start))?.[0];
  const lead = source.leadOf(start);
  const from = lead.trim() ? start : source.lineStart(start);
  return [
    ...(behind ? [[{ at: from, until: end + behind.length, insert: '' }]] : []),
    ...(before
      ? [[{ at: start - before.length, until: end, insert: '' }]]
      : []),
    [{ at: start, until: end, insert: '' }],
  ];
}
