import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import type { RequestSummary } from './RustfsRequestPreview';

/** Keeps the form from going on while there is no pull request that it would open. */
export const validatePreview: CustomFieldValidator<RequestSummary> = (
  summary,
  validation,
) => {
  if (!summary || Object.keys(summary).length === 0) {
    validation.addError(
      'There is no pull request to look at yet: the reason is shown here.',
    );
  }
};
