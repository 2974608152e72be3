import { Document, LineCounter, parseAllDocuments, ParsedNode } from 'yaml';
import { checkAliases } from './checkAliases';
import { explainSyntax } from './explainSyntax';
import { YamlProblem } from './YamlProblem';

/** Files that are larger are not edited: no manifest written by people is. */
export const MAX_YAML_LENGTH = 512 * 1024;

export interface ParsedYaml {
  documents: Array<Document.Parsed<ParsedNode>>;
  /** One value per document, merge keys and aliases resolved. */
  values: unknown[];
  lines: LineCounter;
}

/**
 * Reads a YAML file with one or more documents.
 *
 * @throws YamlProblem with the line of the first error
 */
export function parseYaml(text: string): ParsedYaml {
  const lines = new LineCounter();
  const documents = readDocuments(text, lines);
  const values = documents.map(document => {
    const [error] = document.errors;
    if (error) {
      throw new YamlProblem(
        'syntax',
        explainSyntax(error.code),
        lines.linePos(error.pos[0]).line,
      );
    }
    checkAliases(document, lines);
    try {
      return document.toJS({ maxAliasCount: -1 }) as unknown;
    } catch {
      throw new YamlProblem(
        'syntax',
        'holds a merge key that cannot be resolved',
        lines.linePos(document.range?.[0] ?? 0).line,
      );
    }
  });
  return { documents, values, lines };
}

function readDocuments(text: string, lines: LineCounter) {
  try {
    const parsed = parseAllDocuments(text, {
      keepSourceTokens: true,
      lineCounter: lines,
      // Kubernetes tools resolve merge keys.
      merge: true,
      prettyErrors: false,
      logLevel: 'silent',
    });
    return Array.isArray(parsed) ? parsed : [];
  } catch (error) {
    if (error instanceof RangeError) {
      throw new YamlProblem('syntax', 'is nested too deep', 1);
    }
    throw error;
  }
}
