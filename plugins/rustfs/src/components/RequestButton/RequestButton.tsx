import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  accessRequestPermission,
  bucketRequestPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { Button, ButtonLink } from '@backstage/ui';
import { RiAddLine, RiKey2Line } from '@remixicon/react';
import { ReactElement, useId } from 'react';
import { RequestForm } from '../../lib/form';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import styles from './RequestButton.module.css';
import { useRequestForm } from './useRequestForm';

/** Opens the request form, prefilled for an entity; says why where it cannot. */
export function RequestButton(props: {
  entityRef: string;
  mayRequest: boolean;
}) {
  const { entityRef, mayRequest } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <FormButton
      template={TEMPLATES.bucket}
      filledIn={{ entityRef }}
      label={t('request.button')}
      icon={<RiAddLine />}
      refusal={
        mayRequest
          ? undefined
          : t('request.notAllowed', {
              permission: bucketRequestPermission.name,
            })
      }
    />
  );
}

/** Opens the form for an access, prefilled for an entity; says why where it cannot. */
export function RequestAccessButton(props: {
  entityRef: string;
  mayRequest: boolean;
  /** What is to be filled in beside the entity. */
  filledIn?: RequestForm;
}) {
  const { entityRef, filledIn, mayRequest } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <FormButton
      template={TEMPLATES.access}
      filledIn={{ ...filledIn, entityRef }}
      label={t('access.button')}
      icon={<RiKey2Line />}
      refusal={
        mayRequest
          ? undefined
          : t('access.requestNotAllowed', {
              permission: accessRequestPermission.name,
            })
      }
    />
  );
}

function FormButton(props: {
  template: string;
  filledIn: RequestForm;
  label: string;
  icon: ReactElement;
  /** Why the person may not ask. */
  refusal?: string;
}) {
  const { template, filledIn, label, icon, refusal } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(template);
  const reasonId = useId();
  if (!refusal && requestForm) {
    return (
      <ButtonLink
        variant={template === TEMPLATES.bucket ? 'primary' : 'secondary'}
        href={requestForm(filledIn)}
        iconStart={icon}
      >
        {label}
      </ButtonLink>
    );
  }
  return (
    <div className={styles.disabled}>
      <Button isDisabled aria-describedby={reasonId} iconStart={icon}>
        {label}
      </Button>
      <Muted id={reasonId} variant="body-small">
        {refusal ?? t('request.noTemplate')}
      </Muted>
    </div>
  );
}
