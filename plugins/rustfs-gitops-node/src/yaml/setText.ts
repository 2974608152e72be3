import { isMap, isScalar, isSeq, Scalar, YAMLMap } from 'yaml';
import { parseYaml } from './parseYaml';
import { writeScalar } from './scalars';
import { Edit, Source } from './Source';
import {
  copyOf,
  lineAt,
  nodeAt,
  pairOf,
  ParsedPair,
  spliced,
  valueAt,
  YamlPath,
} from './spliced';
import { YamlProblem } from './YamlProblem';

/**
 * Sets a text or a switch of a YAML file, adds it to its mapping, or takes it out of it; everything else stays byte for byte.
 *
 * @throws YamlProblem when it cannot be done safely
 */
export function setText(change: {
  text: string;
  /** Index of the document in the file. */
  document: number;
  /** Leads to the text; only a key of a mapping may be absent. */
  path: YamlPath;
  /** A switch is written bare, a text as YAML wants it. Undefined takes the key out. */
  value: string | boolean | undefined;
}): string {
  const { text, document, path, value } = change;
  const parsed = parseYaml(text);
  const above = path.slice(0, -1);
  const key = path.at(-1)!;
  const parent = nodeAt(parsed, document, above);
  if (!isMap(parent) && !isSeq(parent)) {
    throw new YamlProblem(
      'format',
      `${above.join('.')} is neither a mapping nor a list`,
      lineAt(parsed, parent),
    );
  }
  if (valueAt(parsed.values[document], path) === value) {
    return text;
  }
  const expected = copyOf(parsed.values);
  const target = valueAt(expected[document], above) as Record<
    string | number,
    unknown
  >;
  if (value === undefined) {
    delete target[key];
  } else {
    target[key] = value;
  }
  const source = new Source(text);
  return spliced({
    parsed,
    text,
    expected,
    proposals: isMap(parent)
      ? proposeInMapping(source, parent as YAMLMap.Parsed, String(key), value)
      : [replace(parent.items[Number(key)], value)],
    node: parent,
    problem: `${path.join(
      '.',
    )} cannot be changed without changing something else; write one key per line`,
  });
}

function proposeInMapping(
  source: Source,
  parent: YAMLMap.Parsed,
  key: string,
  value: string | boolean | undefined,
): Edit[][] {
  const pair = pairOf(parent, key);
  if (value === undefined) {
    return pair ? [takeOut(source, pair)] : [];
  }
  if (pair) {
    return [
      pair.value
        ? replace(pair.value, value)
        : [{ at: pair.key.range[1] + 1, insert: ` ${writeValue(value)}` }],
    ];
  }
  const first = parent.items[0];
  if (parent.flow || !first) {
    return [];
  }
  const lead = source.leadOf(first.key.range[0]);
  const line = `${lead}${writeScalar(key)}: ${writeValue(value)}`;
  return source
    .endsOf(parent, lead.length)
    .map(at => [source.linesAt(at, [line])]);
}

function writeValue(value: string | boolean, like?: Scalar.Type): string {
  return typeof value === 'boolean' ? String(value) : writeScalar(value, like);
}

/** The text in place of the old one, quoted as that was. */
function replace(node: unknown, value: string | boolean | undefined): Edit[] {
  if (!isScalar(node) || !node.range || value === undefined) {
    return [];
  }
  const [at, until] = node.range;
  return [
    {
      at,
      until,
      insert: writeValue(value, node.type as Scalar.Type | undefined),
    },
  ];
}

/** The lines of a pair, with the comments right above it. */
function takeOut(source: Source, { key, value }: ParsedPair): Edit[] {
  const at = source.aboveComments(key.range[0], 0);
  const until = source.lineEnd(value?.range?.[1] ?? key.range[1]);
  return [{ at, until, insert: '' }];
}
