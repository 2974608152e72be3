import { CustomFieldValidator } from '@backstage/plugin-scaffolder-react';
import { accessNameSchema } from '@rustfs-portal/plugin-rustfs-common';

/** Keeps the form from going on with a name that no access can have; whether it is taken is for the backend to say. */
export const validateAccessName: CustomFieldValidator<string> = (
  name,
  validation,
) => {
  for (const { message } of accessNameSchema.safeParse(name ?? '').error
    ?.issues ?? []) {
    validation.addError(message);
  }
};
