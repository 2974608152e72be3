import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  bucketRequestPermission,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { RiRestartLine } from '@remixicon/react';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the request form with what was asked for, for those who may ask. */
export function AskAgainButton(props: { request: StorageRequest }) {
  const { input, entityRef, failure } = props.request;
  const needsOtherName = failure?.remedy === 'another-name';
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm();
  const { allowed } = usePermission({
    permission: bucketRequestPermission,
    resourceRef: entityRef,
  });
  if (!requestForm || !allowed) {
    return null;
  }
  const { bucket, ...rest } = input;
  const filledIn = {
    ...rest,
    // The name is taken, and the form offers one that is not.
    bucket: needsOtherName ? undefined : bucket,
    // None was wanted, so the form is not to begin with what is usual.
    quota: input.quota ?? '',
  };
  return (
    <ButtonLink
      size="small"
      variant="secondary"
      iconStart={<RiRestartLine />}
      href={requestForm(filledIn)}
    >
      {t(needsOtherName ? 'request.askForAnother' : 'request.askAgain')}
    </ButtonLink>
  );
}
