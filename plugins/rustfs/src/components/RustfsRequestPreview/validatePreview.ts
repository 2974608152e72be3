import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';

/** Keeps the form from going on while there is no pull request that it would open. */
export const validatePreview: CustomFieldValidator<Record<string, string>> = (
  summary,
  validation,
) => {
  if (!summary || Object.keys(summary).length === 0) {
    validation.addError(
      'There is no pull request to look at yet: the reason is shown here.',
    );
  }
};
