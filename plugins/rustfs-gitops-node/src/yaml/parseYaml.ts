import { Document, LineCounter, parseAllDocuments, ParsedNode } from 'yaml';

/** Files that are larger are not edited: no manifest written by people is. */
export const MAX_YAML_LENGTH = 512 * 1024;

export interface ParsedYaml {
  documents: Array<Document.Parsed<ParsedNode>>;
  /** One value per document, merge keys and aliases resolved. */
  values: unknown[];
  lines: LineCounter;
}

/** A file that cannot be read, or read but not edited safely. */
export class YamlProblem extends Error {
  readonly kind: 'syntax' | 'format';
  readonly line: number;

  constructor(kind: YamlProblem['kind'], message: string, line: number) {
    super(message);
    this.kind = kind;
    this.line = line;
  }
}

/**
 * Reads a YAML file with one or more documents.
 *
 * @throws YamlProblem with the line of the first error
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    keepSourceTokens: true,
    lineCounter: lines,
    // Kubernetes tools resolve merge keys.
    merge: true,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = Array.isArray(parsed) ? parsed : [];
  const values = documents.map(document => {
    const [error] = document.errors;
    if (error) {
      throw new YamlProblem(
        'syntax',
        error.message,
        lines.linePos(error.pos[0]).line,
      );
    }
    try {
      return document.toJS() as unknown;
    } catch (error_) {
      // Aliases that cannot be resolved, or that multiply without end.
      throw new YamlProblem(
        'syntax',
        error_ instanceof Error ? error_.message : 'cannot be resolved',
        lines.linePos(document.range?.[0] ?? 0).line,
      );
    }
  });
  return { documents, values, lines };
}
