import { isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import { badRequest, unsupportedMediaType } from './status';
import { childPath } from './schema';

export interface DecodedBody {
  value: unknown;
  /** Keys that were given twice: an error or a warning, depending on `fieldValidation`. */
  duplicates: string[];
}

/** What a refusal shows of a body it could not read, as the real server does: hex, cut after 30 bytes. */
function summarized(body: Buffer): string {
  if (body.length === 0) {
    return '<empty>';
  }
  return body.length > 30
    ? `${body.subarray(0, 30).toString('hex')} ...`
    : body.toString('hex');
}

function unreadable(kind: string, why: string, body: Buffer) {
  return badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${why} (${summarized(
      body,
    )})`,
  );
}

/** Paths of keys that an object of the document has twice. */
function duplicatePaths(
  node: unknown,
  path: string,
  found: Array<{ path: string; key: string; offset: number }>,
): typeof found {
  if (isMap(node)) {
    const seen = new Set<string>();
    for (const { key, value } of node.items) {
      const name = String(isScalar(key) ? key.value : key);
      const at = childPath(path, name);
      if (seen.has(name)) {
        found.push({
          path: at,
          key: name,
          offset: isScalar(key) ? key.range?.[0] ?? 0 : 0,
        });
      }
      seen.add(name);
      duplicatePaths(value, at, found);
    }
  }
  if (isSeq(node)) {
    node.items.forEach((item, index) =>
      duplicatePaths(item, `${path}[${index}]`, found),
    );
  }
  return found;
}

function decodeYaml(body: Buffer, kind: string): DecodedBody {
  const lines = new LineCounter();
  const document = parseDocument(body.toString('utf8'), {
    uniqueKeys: false,
    lineCounter: lines,
  });
  if (document.errors.length > 0) {
    const [error] = document.errors;
    const line = error.linePos?.[0].line ?? 1;
    const [problem] = error.message.split(/ at line |\n/);
    throw unreadable(kind, `yaml: line ${line}: ${problem}`, body);
  }
  const duplicates = duplicatePaths(document.contents, '', []).map(
    ({ key, offset }) =>
      `  line ${lines.linePos(offset).line}: key "${key}" already set in map`,
  );
  return {
    value: document.toJS(),
    duplicates:
      duplicates.length > 0
        ? [`yaml: unmarshal errors:\n${duplicates.join('\n')}`]
        : [],
  };
}

function decodeJson(
  body: Buffer,
  kind: string,
  findDuplicates: boolean,
): DecodedBody {
  const text = body.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(
      kind,
      "couldn't get version/kind; json parse error: the body is not JSON",
      body,
    );
  }
  // JSON.parse keeps the last of two equal keys and says nothing; JSON is YAML, whose parser shows both.
  const duplicates = findDuplicates
    ? duplicatePaths(
        parseDocument(text, { uniqueKeys: false }).contents,
        '',
        [],
      ).map(({ path }) => `duplicate field "${path}"`)
    : [];
  return { value, duplicates };
}

/**
 * Reads a request body by its content type.
 *
 * @throws ApiError 400 when it is not readable, 415 when the type is not one the server reads
 */
export function decodeBody(options: {
  body: Buffer;
  contentType: string | undefined;
  kind: string;
  findDuplicates: boolean;
}): DecodedBody {
  const { body, contentType, kind, findDuplicates } = options;
  const type = contentType?.split(';')[0].trim().toLowerCase();
  switch (type) {
    case undefined:
    case '':
    case '*/*':
    case 'application/json':
      return decodeJson(body, kind, findDuplicates);
    case 'application/yaml':
      return decodeYaml(body, kind);
    default:
  }
  throw unsupportedMediaType(['application/json', 'application/yaml']);
}
