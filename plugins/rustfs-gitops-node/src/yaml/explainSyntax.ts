import { ErrorCode } from 'yaml';

const WORDS: Partial<Record<ErrorCode, string>> = {
  BAD_INDENT:
    'is not indented as far as it must be: what stands in brackets, or below a key, stands further in than its key',
  BLOCK_AS_IMPLICIT_KEY: 'has a list or mapping where a key or a value belongs',
  DUPLICATE_KEY: 'has a key that stands in the same mapping twice',
  MISSING_CHAR: 'lacks a bracket, a quote, a comma or a blank',
  MULTILINE_IMPLICIT_KEY: 'has a key that goes over more than one line',
  BAD_DQ_ESCAPE: 'has an escape in double quotes that YAML does not know',
  TAB_AS_INDENT: 'is indented with a tab; YAML takes only blanks',
  UNEXPECTED_TOKEN: 'has something where YAML allows nothing',
};

/** What is wrong with a line, in the words of the portal. */
export function explainSyntax(code: ErrorCode): string {
  return WORDS[code] ?? 'is not YAML';
}
