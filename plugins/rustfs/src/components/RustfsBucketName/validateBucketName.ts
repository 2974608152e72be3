import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { checkBucketName } from '@rustfs-portal/plugin-rustfs-common';
import { rustfsApiRef } from '../../api';
import { readForm } from '../../lib/form';

/** Keeps the form from going on with a name that cannot be had. */
export const validateBucketName: CustomFieldValidator<string> = async (
  bucket,
  validation,
  { apiHolder, formData },
) => {
  if (!bucket) {
    validation.addError(
      'Give the bucket a name, for example checkout-invoices.',
    );
    return;
  }
  const broken = checkBucketName(bucket);
  if (broken.length) {
    broken.forEach(({ message }) => validation.addError(message));
    return;
  }
  const { entityRef, tenant } = readForm(formData);
  const rustfsApi = apiHolder.get(rustfsApiRef);
  if (!rustfsApi || !entityRef || !tenant) {
    return;
  }
  try {
    const { ok, issues } = await rustfsApi.checkBucketName({
      entityRef,
      tenant,
      bucket,
    });
    if (!ok) {
      issues.forEach(({ message }) => validation.addError(message));
    }
  } catch {
    // The backend checks again before anything is asked for; an outage of the check loses nobody's form.
  }
};
