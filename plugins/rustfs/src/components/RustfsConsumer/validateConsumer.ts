import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { accessConsumerSchema } from '@rustfs-portal/plugin-rustfs-common';
import { ConsumerForm } from '../../lib/form';

/** Keeps the form from going on with a Secret that cannot be; what the guardrails say of it, the backend checks. */
export const validateConsumer: CustomFieldValidator<ConsumerForm> = (
  consumer,
  validation,
) => {
  const { error } = accessConsumerSchema.safeParse({
    ...consumer,
    namespace: consumer?.namespace ?? '',
    secret: consumer?.secret ?? '',
  });
  for (const message of new Set(error?.issues.map(issue => issue.message))) {
    validation.addError(message);
  }
};
