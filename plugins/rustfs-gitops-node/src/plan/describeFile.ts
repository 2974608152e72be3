import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { isMap, isScalar, visit } from 'yaml';
import { FileChange, RepositoryFile } from '../types';
import { parseYaml } from '../yaml';

/**
 * One changed file with its diff for people, in which secret and encrypted values are redacted.
 *
 * @public
 */
export function describeFile(change: {
  path: string;
  before?: RepositoryFile;
  /** Undefined: the file goes. */
  after?: string;
}): FileChange {
  const { path, before, after } = change;
  const old = before?.content ?? '';
  return {
    path,
    operation: operationOf(change),
    ...(before && { before }),
    ...(after !== undefined && { after }),
    diff: createTwoFilesPatch(
      before ? `a/${path}` : '/dev/null',
      after === undefined ? '/dev/null' : `b/${path}`,
      redact(old, old),
      redact(after ?? '', old),
      undefined,
      undefined,
      { context: 3, headerOptions: FILE_HEADERS_ONLY },
    ),
  };
}

function operationOf({
  before,
  after,
}: Pick<FileChange, 'before' | 'after'>): FileChange['operation'] {
  if (after === undefined) {
    return 'delete';
  }
  return before ? 'update' : 'create';
}

const REDACTED = '<redacted>';

/** The key of a file for one reader. */
const ARMORED = /-----BEGIN [A-Z ]+-----[^]*?-----END [A-Z ]+-----/g;

/**
 * Text without what nobody needs to see in a diff: values encrypted by SOPS, armored keys and sealed values, and the
 * values of a Secret that stands in the same file. Lines stay lines. What looks like a key but was not there before is
 * a name that the request brings, and shown.
 */
function redact(text: string, old: string): string {
  return redactSecrets(text)
    .replace(/ENC\[[^\]\n]*\]/g, `ENC[${REDACTED}]`)
    .replace(ARMORED, block => block.replace(/\S.*/g, REDACTED))
    .replace(/[A-Za-z0-9+/=_-]{60,}/g, long =>
      old.includes(long) ? REDACTED : long,
    );
}

function redactSecrets(text: string): string {
  if (!/\bSecret\b/.test(text)) {
    return text;
  }
  const ranges: Array<[number, number]> = [];
  try {
    for (const document of parseYaml(text).documents) {
      if (document.get('kind') !== 'Secret') {
        continue;
      }
      for (const field of ['data', 'stringData']) {
        const values = document.get(field, true);
        if (isMap(values)) {
          visit(values, {
            Pair: (_, { value }) => {
              if (isScalar(value) && value.range) {
                ranges.push([value.range[0], value.range[1]]);
              }
            },
          });
        }
      }
    }
  } catch {
    // Only files that were parsed are changed; a text that cannot be is not shown at all.
    return `${REDACTED}\n`;
  }
  let result = text;
  for (const [start, end] of ranges.reverse()) {
    const lines = result.slice(start, end).split('\n');
    const written = lines
      .map((line, i) => line && (i ? `  ${REDACTED}` : REDACTED))
      .join('\n');
    result = result.slice(0, start) + written + result.slice(end);
  }
  return result;
}
