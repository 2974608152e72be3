import { BlockList, isIP } from 'node:net';
import type { ConditionBlock } from './policyDocument';
import { matchesPattern } from './patterns';

/** Values of condition keys, in lower case: `s3:prefix`, `aws:username` … */
export type ConditionValues = Record<string, string[] | undefined>;

type Test = (value: string, operand: string) => boolean;

const compareNumbers =
  (test: (a: number, b: number) => boolean): Test =>
  (value, operand) =>
    test(Number(value), Number(operand));

const compareDates =
  (test: (a: number, b: number) => boolean): Test =>
  (value, operand) =>
    test(toTime(value), toTime(operand));

function toTime(text: string): number {
  return /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text);
}

function isInNetwork(value: string, operand: string): boolean {
  const [network, prefix] = operand.split('/');
  const family = isIP(network) === 6 ? 'ipv6' : 'ipv4';
  if (isIP(network) === 0 || isIP(value) !== isIP(network)) {
    return false;
  }
  const wholeAddress = family === 'ipv6' ? 128 : 32;
  const list = new BlockList();
  list.addSubnet(network, Number(prefix ?? wholeAddress), family);
  return list.check(value, family);
}

const TESTS: Record<string, Test> = {
  StringEquals: (value, operand) => value === operand,
  StringEqualsIgnoreCase: (value, operand) =>
    value.toLowerCase() === operand.toLowerCase(),
  StringLike: (value, operand) => matchesPattern(operand, value),
  ArnEquals: (value, operand) => matchesPattern(operand, value),
  ArnLike: (value, operand) => matchesPattern(operand, value),
  NumericEquals: compareNumbers((a, b) => a === b),
  NumericLessThan: compareNumbers((a, b) => a < b),
  NumericLessThanEquals: compareNumbers((a, b) => a <= b),
  NumericGreaterThan: compareNumbers((a, b) => a > b),
  NumericGreaterThanEquals: compareNumbers((a, b) => a >= b),
  DateEquals: compareDates((a, b) => a === b),
  DateLessThan: compareDates((a, b) => a < b),
  DateLessThanEquals: compareDates((a, b) => a <= b),
  DateGreaterThan: compareDates((a, b) => a > b),
  DateGreaterThanEquals: compareDates((a, b) => a >= b),
  Bool: (value, operand) => value.toLowerCase() === operand.toLowerCase(),
  IpAddress: isInNetwork,
};

/** Operators that hold when none of the operands matches. */
const NEGATED: Record<string, string> = {
  StringNotEquals: 'StringEquals',
  StringNotEqualsIgnoreCase: 'StringEqualsIgnoreCase',
  StringNotLike: 'StringLike',
  ArnNotEquals: 'ArnEquals',
  ArnNotLike: 'ArnLike',
  NumericNotEquals: 'NumericEquals',
  DateNotEquals: 'DateEquals',
  NotIpAddress: 'IpAddress',
};

function parseOperator(operator: string) {
  const [, quantifier, name, ifExists] =
    /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(operator) ?? [];
  return { quantifier, name, ifExists };
}

export function isKnownOperator(operator: string): boolean {
  const { name } = parseOperator(operator);
  return (
    name !== undefined && (name === 'Null' || name in TESTS || name in NEGATED)
  );
}

function conditionHolds(
  operator: string,
  values: string[] | undefined,
  operands: string[],
): boolean {
  const { quantifier, name, ifExists } = parseOperator(operator);
  if (name === undefined) {
    return false;
  }
  if (name === 'Null') {
    const mustBeAbsent = operands.includes('true');
    return (values === undefined || values.length === 0) === mustBeAbsent;
  }
  if (values === undefined || values.length === 0) {
    return (
      ifExists !== undefined || quantifier === 'ForAllValues' || name in NEGATED
    );
  }
  const negated = name in NEGATED;
  const test = TESTS[negated ? NEGATED[name] : name];
  if (!test) {
    return false;
  }
  const matches = (value: string): boolean =>
    operands.some(operand => test(value, operand)) !== negated;
  return quantifier === 'ForAllValues' || (negated && !quantifier)
    ? values.every(matches)
    : values.some(matches);
}

/** True when every condition of the block holds; an operator that is not known never holds. */
export function conditionsHold(
  block: ConditionBlock | undefined,
  values: ConditionValues,
  substitute: (text: string) => string,
): boolean {
  return Object.entries(block ?? {}).every(([operator, keys]) =>
    Object.entries(keys).every(([key, operands]) =>
      conditionHolds(
        operator,
        values[key.toLowerCase()],
        (Array.isArray(operands) ? operands : [operands]).map(substitute),
      ),
    ),
  );
}
