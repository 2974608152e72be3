import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { parseBytes } from '@rustfs-portal/plugin-rustfs-common';
import { rustfsApiRef } from '../../api';
import { getSharedOptions } from '../../hooks/useRequestOptions';
import { toError } from '../../lib/errors';
import {
  formatQuantity,
  isPositive,
  quotaIssue,
  readForm,
} from '../../lib/form';

/** Keeps the form from going on with a quota that cannot be asked for. */
export const validateQuota: CustomFieldValidator<string> = async (
  quota,
  validation,
  { apiHolder, formData },
) => {
  try {
    if (quota && !isPositive(quota)) {
      validation.addError('A quota is more than 0, for example 10 GiB.');
      return;
    }
    if (quota) {
      parseBytes(quota);
    }
  } catch (thrown) {
    validation.addError(toError(thrown).message);
    return;
  }
  const { entityRef, tenant } = readForm(formData);
  const rustfsApi = apiHolder.get(rustfsApiRef);
  if (!rustfsApi || !entityRef || !tenant) {
    return;
  }
  // The backend checks again; without its rules nothing can be said here.
  const options = await getSharedOptions(rustfsApi, entityRef).catch(
    () => undefined,
  );
  const offer = options?.tenants.find(({ ref }) => ref === tenant);
  const issue = offer && quotaIssue(quota, offer);
  if (issue === 'required') {
    validation.addError('A quota is required here, for example 10 GiB.');
  }
  if (issue === 'tooBig') {
    validation.addError(
      `${formatQuantity(quota)} is more than the ${formatQuantity(
        offer!.maxQuota!,
      )} that may be asked for here.`,
    );
  }
};
