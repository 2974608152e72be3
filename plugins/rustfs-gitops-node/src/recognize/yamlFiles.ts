import { isNode } from 'yaml';
import { isRecord } from '../plan/kustomize/RenderedObject';
import { parseYaml } from '../yaml';
import { ListedLines } from './types';

/** A document of a YAML file, with what is needed to say where something stands in it. */
export interface YamlDocument {
  path: string;
  value: Record<string, unknown>;
  /** The line of what stands at a path of keys; of the document where nothing does. */
  lineAt(keys: YamlKeys): number;
  /** The lines of what stands at a path of keys. */
  linesAt(keys: YamlKeys): ListedLines;
}

export type YamlKeys = Array<string | number>;

/** The mappings in a file; none where it cannot be read, as a template cannot. */
export function readDocuments(path: string, text: string): YamlDocument[] {
  let parsed: ReturnType<typeof parseYaml>;
  try {
    parsed = parseYaml(text);
  } catch {
    return [];
  }
  const { documents, values, lines } = parsed;
  const rows = text.split(/\r?\n/);
  return values.flatMap((value, i) => {
    if (!isRecord(value)) {
      return [];
    }
    const rangeOf = (keys: YamlKeys): [number, number] => {
      const { contents } = documents[i];
      const node = keys.length ? documents[i].getIn(keys, true) : contents;
      const range = isNode(node) ? node.range : contents?.range;
      return range ? [range[0], range[1]] : [0, 0];
    };
    const lineOf = (offset: number) => lines.linePos(offset).line;
    return [
      {
        path,
        value,
        lineAt: keys => lineOf(rangeOf(keys)[0]),
        linesAt: keys => {
          const [start, end] = rangeOf(keys);
          const from = lineOf(start);
          // A block ends where the next thing begins; what is blank or a comment below it belongs to that.
          let to = lineOf(Math.max(start, end - 1));
          while (to > from && /^[ \t]*(#|$)/.test(rows[to - 1])) {
            to -= 1;
          }
          return { path, from, to };
        },
      },
    ];
  });
}

/**
 * A YAML text inside a YAML file, such as `helm.values` of an Application: its lines are those of the file.
 */
export function readInner(outer: YamlDocument, keys: YamlKeys): YamlDocument[] {
  const text = valueAt(outer.value, keys);
  if (typeof text !== 'string') {
    return [];
  }
  // A block text begins on the line below its header, which is where its node stands.
  const header = outer.lineAt(keys);
  return readDocuments(outer.path, text).map(inner => {
    const outside = ({ from, to }: ListedLines): ListedLines => ({
      path: outer.path,
      from: header + from,
      to: header + to,
    });
    return {
      ...inner,
      lineAt: at => header + inner.lineAt(at),
      linesAt: at => outside(inner.linesAt(at)),
    };
  });
}

/** What stands at a path of keys. */
export function valueAt(value: unknown, keys: YamlKeys): unknown {
  return keys.reduce<unknown>((found, key) => {
    if (Array.isArray(found)) {
      return found[Number(key)];
    }
    return isRecord(found) && Object.hasOwn(found, key)
      ? found[key]
      : undefined;
  }, value);
}

export function textAt(value: unknown, keys: YamlKeys): string | undefined {
  const found = valueAt(value, keys);
  return typeof found === 'string' && found ? found : undefined;
}

export function recordsAt(
  value: unknown,
  keys: YamlKeys,
): Array<Record<string, unknown>> {
  const found = valueAt(value, keys);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}
