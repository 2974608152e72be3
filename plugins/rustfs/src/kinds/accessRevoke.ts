import {
  accessRequestPermission,
  accessRevokeSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import { TEMPLATES } from '../routes';
import { accessEnd, findAccess } from './accessWords';
import { defineKind } from './KindView';

/** The end of an access. */
export const accessRevoke = defineKind('access-revoke', {
  title: t => t('kind.accessRevoke.title'),
  ready: t => t('kind.accessRevoke.ready'),
  facts: () => [],
  form: {
    template: () => TEMPLATES.accessRevoke,
    permission: accessRequestPermission,
    fillIn: input => input,
    toInput: ({ entityRef, tenant, access, purpose }) =>
      accessRevokeSchema.safeParse({ entityRef, tenant, access, purpose }).data,
    summary: (_, { access }) => ({ access }),
  },
  end: (t, { subject }) =>
    accessEnd(subject, t('trail.openAccess', { name: subject.name })),
  isShown: (storage, { subject }) =>
    findAccess(storage, subject)?.state === 'revoked',
});
