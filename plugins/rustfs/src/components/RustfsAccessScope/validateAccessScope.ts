import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { accessScopeSchema } from '@rustfs-portal/plugin-rustfs-common';
import { readScope, ScopeForm } from '../../lib/form';

/** Keeps the form from going on while nothing, or nothing that can be, is chosen. */
export const validateAccessScope: CustomFieldValidator<ScopeForm> = (
  scope,
  validation,
) => {
  const { error } = accessScopeSchema.safeParse(readScope(scope));
  if (!scope?.buckets && (scope?.type ?? 'buckets') === 'buckets') {
    validation.addError('Choose at least one bucket.');
    return;
  }
  for (const message of new Set(error?.issues.map(issue => issue.message))) {
    validation.addError(message);
  }
};
