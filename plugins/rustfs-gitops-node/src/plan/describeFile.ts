import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { isMap, isScalar, visit } from 'yaml';
import { FileChange, RepositoryFile } from '../types';
import { parseYaml } from '../yaml';

const REDACTED = '<redacted>';

/** What stands for a value while two texts are compared: another value has another number. */
const NUMBERED = /<redacted:\d+>/g;

/** Where the values stand of what is a Secret, or becomes one. */
const VALUES_OF: Record<string, string[][]> = {
  Secret: [['data'], ['stringData']],
  SealedSecret: [
    ['spec', 'encryptedData'],
    ['spec', 'template', 'data'],
  ],
};

/** The key of a file for one reader. */
const ARMORED = /-----BEGIN [A-Z ]+-----[^]*?-----END [A-Z ]+-----/g;

/**
 * Takes out of texts what nobody needs to see in a diff: values encrypted by SOPS with all that SOPS keeps about them,
 * armored keys and sealed values, and the values of a Secret that stands in the same file. Each is one word, however long
 * it was; one that changes is seen to change. What looks like a key but was not there before is a name that the request
 * brings, and shown.
 */
class Redactor {
  readonly #old: string;
  readonly #numbers = new Map<string, number>();

  constructor(old: string) {
    this.#old = old;
  }

  redact(text: string): string {
    return this.#redactFields(text)
      .replace(/ENC\[[^\]\n]*\]/g, value => this.#stand(value))
      .replace(ARMORED, block => this.#stand(block))
      .replace(/[A-Za-z0-9+/=_-]{60,}/g, long =>
        this.#old.includes(long) ? this.#stand(long) : long,
      );
  }

  /** The diff of two redacted texts. */
  finish(diff: string): string {
    return diff.replace(NUMBERED, REDACTED);
  }

  #stand(value: string): string {
    const number = this.#numbers.get(value) ?? this.#numbers.size;
    this.#numbers.set(value, number);
    return `<redacted:${number}>`;
  }

  /** Values of Secrets, and what SOPS keeps in a file beside the values. */
  #redactFields(text: string): string {
    if (!/\b((Sealed)?Secret|sops)\b/.test(text)) {
      return text;
    }
    const ranges: Array<[number, number]> = [];
    const add = (node: unknown) => {
      if ((isScalar(node) || isMap(node)) && node.range) {
        ranges.push([node.range[0], node.range[1]]);
      }
    };
    try {
      for (const document of parseYaml(text).documents) {
        const sops = document.get('sops', true);
        if (isMap(sops) && sops.has('mac')) {
          add(sops);
        }
        for (const path of VALUES_OF[String(document.get('kind'))] ?? []) {
          const values = document.getIn(path, true);
          if (isMap(values)) {
            visit(values, {
              Pair: (_, { value }) => {
                if (isScalar(value)) {
                  add(value);
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
    for (const [start, end] of ranges.sort(([a], [b]) => b - a)) {
      const value = result.slice(start, end);
      const [rest] = /\s*$/.exec(value)!;
      result = `${result.slice(0, start)}${this.#stand(
        value.trimEnd(),
      )}${rest}${result.slice(end)}`;
    }
    return result;
  }
}

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
  const redactor = new Redactor(old);
  return {
    path,
    operation: operationOf(change),
    ...(before && { before }),
    ...(after !== undefined && { after }),
    diff: redactor.finish(
      createTwoFilesPatch(
        before ? `a/${path}` : '/dev/null',
        after === undefined ? '/dev/null' : `b/${path}`,
        redactor.redact(old),
        redactor.redact(after ?? ''),
        undefined,
        undefined,
        { context: 3, headerOptions: FILE_HEADERS_ONLY },
      ),
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
