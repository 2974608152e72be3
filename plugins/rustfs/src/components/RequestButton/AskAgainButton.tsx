import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { RiRestartLine } from '@remixicon/react';
import { kindOf, RequestKindView } from '../../kinds';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the request form with what was asked for, for those who may ask. */
export function AskAgainButton(props: { request: StorageRequest }) {
  const { request } = props;
  const { form } = kindOf(request);
  // Of a kind that another package adds, the form is not known.
  return form ? <FormButton request={request} form={form} /> : null;
}

function FormButton(props: {
  request: StorageRequest;
  form: NonNullable<RequestKindView['form']>;
}) {
  const { form, request } = props;
  const needsOtherName = request.failure?.remedy === 'another-name';
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(form.template);
  const [permission, also = permission] = form.permissions;
  const resourceRef = request.entityRef;
  const { allowed } = usePermission({ permission, resourceRef });
  const { allowed: mayBring } = usePermission({
    permission: also,
    resourceRef,
  });
  if (!requestForm || !allowed || !mayBring) {
    return null;
  }
  return (
    <ButtonLink
      size="small"
      variant="secondary"
      iconStart={<RiRestartLine />}
      href={requestForm(form.fillIn({ needsOtherName }))}
    >
      {t(needsOtherName ? 'request.askForAnother' : 'request.askAgain')}
    </ButtonLink>
  );
}
