/**
 * Whether two policies say the same. A server gives back lists where one text stood, fields that are empty, and lists in
 * another order.
 */
export function policiesAgree(one: unknown, other: unknown): boolean {
  return JSON.stringify(normalize(one)) === JSON.stringify(normalize(other));
}

/** The order of lists means nothing anywhere in a policy. */
function normalize(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value
      .map(normalize)
      .map(item => JSON.stringify(item))
      .sort();
  }
  if (typeof value === 'object' && value !== null) {
    return Object.entries(value)
      .filter(([, field]) => !isEmpty(field))
      .map(([name, field]): [string, unknown] => [
        name,
        normalize(typeof field === 'string' && isList(name) ? [field] : field),
      ])
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
  return value;
}

function isList(name: string) {
  return name !== 'Version' && name !== 'Effect' && name !== 'Sid';
}

function isEmpty(value: unknown): boolean {
  return (
    value === null ||
    value === undefined ||
    value === '' ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}
