import { createHash } from 'node:crypto';

const SORTED_LISTS = new Set([
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
]);
const DROPPED_WHEN_EMPTY = new Set(['ID', 'Sid', 'Condition']);

/**
 * The hash by which the operator compares policy documents: of compact JSON with sorted keys, sorted actions, resources
 * and statements, and without empty ids and conditions.
 *
 * @internal
 */
export function policyHash(document: unknown): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(canonical(document)))
    .digest('hex')}`;
}

function canonical(value: unknown, key?: string): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => canonical(item));
    const sorted =
      key === 'Statement' || (key !== undefined && SORTED_LISTS.has(key));
    return sorted ? items.sort(byText) : items;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(
          ([name, item]) => !(DROPPED_WHEN_EMPTY.has(name) && isEmpty(item)),
        )
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, item]) => [name, canonical(item, name)]),
    );
  }
  return value;
}

function byText(a: unknown, b: unknown): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

function isEmpty(value: unknown): boolean {
  return (
    value === '' ||
    value === null ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

/**
 * Parses a policy document.
 *
 * @throws Error in the words of the operator's JSON reader
 */
export function parsePolicyDocument(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(
      `policy document must be valid JSON: ${describeSyntaxError(text)}`,
    );
  }
}

/** Where a JSON text goes wrong. Text that only stops too early is told from text that is wrong. */
function describeSyntaxError(text: string): string {
  const open: string[] = [];
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') {
        at += 1;
      } else if (char === '"') {
        inString = false;
      }
    } else if (char === '"') {
      inString = true;
    } else if (char === '{' || char === '[') {
      open.push(char);
    } else if (char === '}' || char === ']') {
      open.pop();
    }
  }
  const lines = text.split('\n');
  const end = `at line ${lines.length} column ${
    lines[lines.length - 1].length
  }`;
  if (inString) {
    return `EOF while parsing a string ${end}`;
  }
  switch (open.pop()) {
    case '[':
      return `EOF while parsing a list ${end}`;
    case '{':
      return `EOF while parsing an object ${end}`;
    default:
      return text.trim()
        ? `expected value ${end}`
        : `EOF while parsing a value ${end}`;
  }
}
