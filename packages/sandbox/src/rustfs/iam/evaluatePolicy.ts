import { isNeverGrantedByExclusion, matchesAction } from './actions';
import { type ConditionValues, conditionsHold } from './conditions';
import { matchesPattern } from './patterns';
import type { PolicyDocument, PolicyStatement } from './policyDocument';

/** One question to a policy. */
export interface AccessQuestion {
  action: string;
  /** `bucket`, `bucket/key`, or nothing for actions without a resource. */
  resource?: string;
  /** Access key of the account, for bucket policies; nothing for anonymous callers. */
  principal?: string;
  conditions: ConditionValues;
}

export type Decision = 'allow' | 'deny' | 'silent';

function substituteVariables(
  text: string,
  conditions: ConditionValues,
): string {
  return text.replace(/\$\{([^}]+)\}/g, (whole, name: string) => {
    if (name === '*' || name === '?' || name === '$') {
      return name;
    }
    return conditions[name.toLowerCase()]?.[0] ?? whole;
  });
}

function matchesResources(
  patterns: string[],
  question: AccessQuestion,
): boolean {
  const resource = question.resource ?? '';
  return patterns.some(pattern =>
    matchesPattern(
      substituteVariables(
        pattern.replace(/^arn:aws:(s3|kms):::/, ''),
        question.conditions,
      ),
      resource,
    ),
  );
}

function appliesTo(
  statement: PolicyStatement,
  question: AccessQuestion,
): boolean {
  if (statement.Principal) {
    const names = statement.Principal.AWS;
    const matches =
      names.includes('*') ||
      (question.principal !== undefined && names.includes(question.principal));
    if (!matches) {
      return false;
    }
  }
  if (statement.Action) {
    if (!matchesAction(statement.Action, question.action, statement.Effect)) {
      return false;
    }
  } else {
    const excluded =
      matchesAction(statement.NotAction ?? [], question.action, 'Deny') ||
      (statement.Effect === 'Allow' &&
        isNeverGrantedByExclusion(question.action));
    if (excluded) {
      return false;
    }
  }
  if (question.resource !== undefined && question.action.startsWith('s3:')) {
    const included = statement.Resource
      ? matchesResources(statement.Resource, question)
      : !matchesResources(statement.NotResource ?? [], question);
    if (!included) {
      return false;
    }
  }
  return conditionsHold(statement.Condition, question.conditions, text =>
    substituteVariables(text, question.conditions),
  );
}

/** What a set of policies says; an explicit deny wins over any number of allows. */
export function evaluatePolicies(
  policies: PolicyDocument[],
  question: AccessQuestion,
): Decision {
  const effects = policies
    .flatMap(policy => policy.Statement)
    .filter(statement => appliesTo(statement, question))
    .map(statement => statement.Effect);
  if (effects.includes('Deny')) {
    return 'deny';
  }
  return effects.includes('Allow') ? 'allow' : 'silent';
}
