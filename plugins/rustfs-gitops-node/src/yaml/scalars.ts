import { Scalar } from 'yaml';

/** Words that YAML 1.1, which Kubernetes tools read, or YAML 1.2 takes for something else than text. */
const RESERVED = new Set([
  'true',
  'false',
  'yes',
  'no',
  'on',
  'off',
  'y',
  'n',
  'null',
]);

/**
 * Writes a name or path as a YAML scalar.
 *
 * Only text that begins with a letter and holds no syntax of YAML is left bare: what begins with a digit or a dot may be a
 * number, a date or a time for one reader and text for another.
 *
 * @param like - how the neighbours are quoted
 */
export function writeScalar(text: string, like?: Scalar.Type): string {
  if (like === 'QUOTE_SINGLE' && /^[\w./-]+$/.test(text)) {
    return `'${text}'`;
  }
  const bare =
    like !== 'QUOTE_DOUBLE' &&
    /^(\.{1,2}\/)*[a-z](?:[\w./-]|:(?=\w))*$/i.test(text) &&
    !RESERVED.has(text.toLowerCase());
  return bare ? text : JSON.stringify(text);
}
