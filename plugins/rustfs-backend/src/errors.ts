import { InputError } from '@backstage/errors';
import { FieldIssue } from './guardrails';

/**
 * An InputError that names each field. The issues are part of the answer, so that a form can show them at their fields.
 */
export function createInputError(issues: FieldIssue[]): InputError {
  const error = new InputError(
    issues.map(({ field, message }) => `${field}: ${message}`).join('; '),
  );
  return Object.assign(error, { issues });
}
