import {
  AccessView,
  SECRET_FORMS,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';

/**
 * Accesses with the form of their Secret, where it is one that the platform team added: those of the portal every reader
 * has already.
 */
export function withSecretForms(
  accesses: AccessView[],
  forms: SecretForm[],
): AccessView[] {
  const added = forms.filter(form => !SECRET_FORMS.includes(form));
  return accesses.map(access => {
    const secretForm = added.find(({ id }) => id === access.consumer.form);
    return secretForm ? { ...access, secretForm } : access;
  });
}
