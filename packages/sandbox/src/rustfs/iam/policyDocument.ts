import {
  ApiError,
  internalError,
  invalidArgument,
  invalidRequest,
} from '../http/ApiError';
import { type ActionFamily, familyOf, isKnownAction } from './actions';
import { isKnownOperator } from './conditions';

export type ConditionBlock = Record<string, Record<string, string | string[]>>;

export interface PolicyStatement {
  Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal?: { AWS: string[] };
  Action?: string[];
  NotAction?: string[];
  Resource?: string[];
  NotResource?: string[];
  Condition?: ConditionBlock;
}

export interface PolicyDocument {
  ID?: string;
  Id?: string;
  Version: string;
  Statement: PolicyStatement[];
}

/** The text is no policy; `column` is where in the text, as far as it is known. */
export class PolicyParseError extends Error {
  constructor(
    readonly reason: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(`${reason} at line ${line} column ${column}`);
    this.name = 'PolicyParseError';
  }
}

const STATEMENT_KEYS = new Set([
  'Sid',
  'Effect',
  'Action',
  'NotAction',
  'Resource',
  'NotResource',
  'Condition',
]);
const S3_ARN = 'arn:aws:s3:::';
const KMS_ARN = 'arn:aws:kms:::';

/** Position just behind the first occurrence of a piece of the text, to name where a mistake is. */
class TextPosition {
  constructor(private readonly text: string) {}

  fail(reason: string, culprit?: string): never {
    const at = culprit ? this.text.indexOf(JSON.stringify(culprit)) : -1;
    const end = at < 0 ? this.text.length : at + JSON.stringify(culprit).length;
    const before = this.text.slice(0, end);
    const line = before.split('\n').length;
    throw new PolicyParseError(
      reason,
      line,
      end - (before.lastIndexOf('\n') + 1),
    );
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function stringList(
  value: unknown,
  field: string,
  position: TextPosition,
): string[] | undefined {
  if (value === undefined) {
    return undefined;
  }
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((item): item is string => typeof item === 'string')) {
    return position.fail(
      `invalid type: expected a string or a list of strings for \`${field}\``,
    );
  }
  return [...new Set(list)];
}

function parseConditions(
  value: unknown,
  position: TextPosition,
): ConditionBlock | undefined {
  if (value === undefined) {
    return undefined;
  }
  if (!isObject(value)) {
    return position.fail('invalid condition');
  }
  const block: ConditionBlock = {};
  for (const [operator, keys] of Object.entries(value)) {
    if (!isKnownOperator(operator)) {
      return position.fail(`unknown key: ${operator}`, operator);
    }
    if (!isObject(keys)) {
      return position.fail('invalid condition', operator);
    }
    block[operator] = {};
    for (const [key, operands] of Object.entries(keys)) {
      if (!/^(s3|aws|sts|admin|kms|jwt|ldap|svc):/i.test(key)) {
        return position.fail(`invalid key name: '${key}'`, key);
      }
      // One value stays one value: the policy is given back as it was written.
      block[operator][key] = Array.isArray(operands)
        ? operands.map(String)
        : String(operands);
    }
  }
  return block;
}

/** The one message the server has for a bucket policy that lacks a part. */
function malformedPolicy(): ApiError {
  return new ApiError(
    'MalformedPolicy',
    400,
    'Your policy contains a principal that is not valid.',
  );
}

function parsePrincipal(
  value: unknown,
  position: TextPosition,
): { AWS: string[] } {
  if (value === '*') {
    return { AWS: ['*'] };
  }
  const names = isObject(value)
    ? stringList(value.AWS, 'Principal', position)
    : undefined;
  if (!names) {
    throw malformedPolicy();
  }
  return { AWS: names };
}

function checkResources(
  resources: string[],
  family: ActionFamily,
  position: TextPosition,
): void {
  for (const resource of resources) {
    const known =
      resource.startsWith(S3_ARN) ||
      (family === 'kms' && resource.startsWith(KMS_ARN));
    if (!known || resource === S3_ARN) {
      position.fail(
        `invalid resource: invalid resource, type: 'unknown', pattern: '${resource}'`,
        resource,
      );
    }
  }
}

function parseStatement(
  value: unknown,
  kind: 'identity' | 'bucket',
  position: TextPosition,
): PolicyStatement {
  if (!isObject(value)) {
    return position.fail('invalid type: expected struct Statement');
  }
  const unknownKey = Object.keys(value).find(
    key =>
      !STATEMENT_KEYS.has(key) && !(kind === 'bucket' && key === 'Principal'),
  );
  if (unknownKey) {
    return position.fail(
      `unknown field \`${unknownKey}\`, expected one of ${[...STATEMENT_KEYS]
        .map(key => `\`${key}\``)
        .join(', ')}`,
      unknownKey,
    );
  }
  if (value.Effect === undefined) {
    return position.fail('missing field `Effect`');
  }
  if (value.Effect !== 'Allow' && value.Effect !== 'Deny') {
    return position.fail('Matching variant not found', String(value.Effect));
  }
  const statement: PolicyStatement = { Effect: value.Effect };
  if (typeof value.Sid === 'string' && value.Sid !== '') {
    statement.Sid = value.Sid;
  }
  if (kind === 'bucket') {
    statement.Principal = parsePrincipal(value.Principal, position);
  }
  statement.Action = stringList(value.Action, 'Action', position);
  statement.NotAction = stringList(value.NotAction, 'NotAction', position);
  statement.Resource = stringList(value.Resource, 'Resource', position);
  statement.NotResource = stringList(
    value.NotResource,
    'NotResource',
    position,
  );
  statement.Condition = parseConditions(value.Condition, position);

  const actions = [...(statement.Action ?? []), ...(statement.NotAction ?? [])];
  if (actions.length === 0) {
    throw invalidRequest("both 'Action' and 'NotAction' are empty");
  }
  for (const action of actions) {
    if (!isKnownAction(action)) {
      position.fail(`invalid action: invalid action: '${action}'`, action);
    }
  }
  const families = new Set(actions.map(familyOf));
  if (families.size > 1) {
    throw invalidRequest(
      "'Action' contains mixed action families in the same statement",
    );
  }
  const [family] = families;
  const resources = [
    ...(statement.Resource ?? []),
    ...(statement.NotResource ?? []),
  ];
  if (family === 's3' && resources.length === 0) {
    if (kind === 'bucket') {
      throw malformedPolicy();
    }
    throw invalidRequest("'Resource' is empty");
  }
  checkResources(resources, family, position);
  return withoutUndefined(statement);
}

function withoutUndefined(statement: PolicyStatement): PolicyStatement {
  return Object.fromEntries(
    Object.entries(statement).filter(([, value]) => value !== undefined),
  ) as unknown as PolicyStatement;
}

/** The message of the server's JSON reader for the mistakes that can be told apart without writing another one. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const offset = Number(
      /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1] ??
        text.length,
    );
    const before = text.slice(0, offset);
    const inObject = /[{,]\s*$/.test(before);
    throw new PolicyParseError(
      inObject ? 'key must be a string' : 'expected value',
      before.split('\n').length,
      offset - before.lastIndexOf('\n'),
    );
  }
}

/**
 * Reads a policy as strictly as the server does.
 *
 * @throws PolicyParseError when the text is no policy, ApiError when it is one that is not accepted
 */
export function parsePolicy(
  text: string,
  kind: 'identity' | 'bucket' = 'identity',
): PolicyDocument {
  const value = parseJson(text);
  const position = new TextPosition(text);
  if (!isObject(value)) {
    return position.fail('invalid type: expected struct Policy');
  }
  const idKey = kind === 'bucket' ? 'Id' : 'ID';
  const unknownKey = Object.keys(value).find(
    key => ![idKey, 'Version', 'Statement'].includes(key),
  );
  if (unknownKey) {
    return position.fail(`unknown field \`${unknownKey}\``, unknownKey);
  }
  if (isObject(value.Statement)) {
    return position.fail('invalid type: map, expected a sequence');
  }
  if (!Array.isArray(value.Statement)) {
    return position.fail('missing field `Statement`');
  }
  const statements = value.Statement.map(statement =>
    parseStatement(statement, kind, position),
  );
  if (value.Version === undefined || value.Version === '') {
    throw invalidArgument('policy version is required');
  }
  if (value.Version !== '2012-10-17') {
    throw invalidRequest(`invalid Version '${String(value.Version)}'`);
  }
  if (statements.length === 0 && kind === 'identity') {
    throw internalError('invalid arguments specified');
  }
  const id = value[idKey];
  return {
    ...(typeof id === 'string' && id !== '' ? { [idKey]: id } : {}),
    Version: value.Version,
    Statement: statements,
  };
}
