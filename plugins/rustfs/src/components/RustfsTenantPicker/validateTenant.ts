import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { rustfsApiRef } from '../../api';
import { getSharedOptions } from '../../hooks/useRequestOptions';
import { describeError, toError } from '../../lib/errors';
import { readForm } from '../../lib/form';

/** Keeps the form from going on without a tenant, and says why there is none. */
export const validateTenant: CustomFieldValidator<string> = async (
  tenant,
  validation,
  { apiHolder, formData },
) => {
  if (tenant) {
    return;
  }
  const { entityRef } = readForm(formData);
  const rustfsApi = apiHolder.get(rustfsApiRef);
  if (!rustfsApi || !entityRef) {
    validation.addError('Choose first what it is for.');
    return;
  }
  try {
    const { tenants } = await getSharedOptions(rustfsApi, entityRef);
    validation.addError(
      tenants.some(({ unavailable }) => !unavailable)
        ? 'Choose a tenant.'
        : 'There is no tenant on which you may ask for storage for this entity now.',
    );
  } catch (thrown) {
    const { kind, message } = describeError(toError(thrown));
    validation.addError(
      kind === 'not-allowed'
        ? message
        : 'The tenants could not be loaded: try again.',
    );
  }
};
