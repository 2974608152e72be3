import { XMLParser } from 'fast-xml-parser';

/** Objects whose keys are names (of users, buckets, operations …): their values have to be alike, their keys not. */
const MAPS = new Set([
  'api_calls',
  'bucket_sizes',
  'buckets_usage',
  'last_minute',
  'life_time_ops',
  'network',
  'operations',
]);

/** Things that may or may not be there on the same server, depending on what it just did. */
const OPTIONAL = new Set(['usage_snapshot_set_states']);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function matchesOneOf(
  actual: unknown,
  candidates: unknown[],
  path: string,
  asMap = false,
): string[] {
  const differences = candidates.map(candidate =>
    compareShape(actual, candidate, path, asMap),
  );
  return differences.some(found => found.length === 0)
    ? []
    : differences[0] ?? [];
}

/**
 * How the answer differs in form from the recorded one: kinds of values, and keys that are missing or too many. Empty
 * when it has the same shape. A list without recorded elements says nothing about its elements.
 */
export function compareShape(
  actual: unknown,
  recorded: unknown,
  path: string,
  asMap = false,
): string[] {
  if (kindOf(actual) !== kindOf(recorded)) {
    return [`${path} is ${kindOf(actual)}, recorded is ${kindOf(recorded)}`];
  }
  if (Array.isArray(actual) && Array.isArray(recorded)) {
    return recorded.length === 0
      ? []
      : actual.flatMap((element, index) =>
          matchesOneOf(element, recorded, `${path}[${index}]`),
        );
  }
  if (!isObject(actual) || !isObject(recorded)) {
    return [];
  }
  if (asMap) {
    const values = Object.values(recorded);
    return values.length === 0
      ? []
      : Object.entries(actual).flatMap(([key, value]) =>
          matchesOneOf(value, values, `${path}.${key}`, MAPS.has(key)),
        );
  }
  const missing = Object.keys(recorded).filter(
    key => !(key in actual) && !OPTIONAL.has(key),
  );
  const surplus = Object.keys(actual).filter(
    key => !(key in recorded) && !OPTIONAL.has(key),
  );
  return [
    ...missing.map(key => `${path}.${key} is missing`),
    ...surplus.map(key => `${path}.${key} is not in the recording`),
    ...Object.keys(actual)
      .filter(key => key in recorded)
      .flatMap(key =>
        compareShape(
          actual[key],
          recorded[key],
          `${path}.${key}`,
          MAPS.has(key),
        ),
      ),
  ];
}

const parser = new XMLParser({
  ignoreAttributes: false,
  parseTagValue: false,
  // One element looks like many, so that a list of one compares with a list of two.
  isArray: (_name, _path, _isLeaf, isAttribute) => !isAttribute,
});

export function parseXmlShape(text: string): unknown {
  return parser.parse(text);
}

/** Error code and message of an XML answer. */
export function parseError(text: string): { code?: string; message?: string } {
  const field = (name: string) =>
    new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  return { code: field('Code'), message: field('Message') };
}

/** Values that differ from run to run: times, generated names, addresses, and sums over generated data. */
const VOLATILE =
  /^(.*[tT]imestamp|.*Date|LastModified|expiration|updatedAt|ETag|Location|.*Token|NextKeyMarker|UploadId|Message|RequestId|account_name|access_key|.*_date|.*_at|.*DateTime)$/;

/** How the values of an answer differ from the recorded ones, apart from what differs from run to run. */
export function compareValues(
  actual: unknown,
  recorded: unknown,
  path: string,
): string[] {
  if (Array.isArray(actual) && Array.isArray(recorded)) {
    return actual.length === recorded.length
      ? actual.flatMap((element, index) =>
          compareValues(element, recorded[index], `${path}[${index}]`),
        )
      : [`${path} has ${actual.length} elements, not ${recorded.length}`];
  }
  if (isObject(actual) && isObject(recorded)) {
    return Object.keys(recorded)
      .filter(key => !VOLATILE.test(key))
      .flatMap(key =>
        compareValues(actual[key], recorded[key], `${path}.${key}`),
      );
  }
  return actual === recorded
    ? []
    : [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(recorded)}`];
}
