import {
  setupEnableSchema,
  setupRequestPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { TEMPLATES } from '../routes';
import { Fact } from '../components/FactList';
import { defineKind } from './KindView';

/** Self-service for a tenant without operator. */
export const setupEnable = defineKind('setup-enable', {
  title: t => t('kind.setupEnable.title'),
  ready: t => t('kind.setupEnable.ready'),
  facts: (t, { ca, endpoint, folder, key, network }) => [
    [t('kind.setupEnable.folder'), folder ?? t('kind.setupEnable.beside')],
    [t('tenant.endpoint'), endpoint ?? t('kind.setupEnable.ofService')],
    [t('kind.setupEnable.key'), key.secret],
    ...(ca
      ? [[t('kind.setupEnable.ca'), `${ca.kind} ${ca.name}`] as Fact]
      : []),
    [
      t('kind.setupEnable.network'),
      network === 'none' ? t('kind.setupEnable.noNetwork') : network,
    ],
  ],
  form: {
    template: () => TEMPLATES.setupEnable,
    permission: setupRequestPermission,
    fillIn: input => input,
    toInput: ({
      ca,
      endpoint,
      entityRef,
      folder,
      key,
      network,
      purpose,
      tenant,
    }) =>
      setupEnableSchema.safeParse({
        entityRef,
        tenant,
        // A field that was emptied again is one that nobody has filled in.
        folder: folder || undefined,
        endpoint: endpoint || undefined,
        key: key && {
          secret: key.secret,
          accessKey: key.accessKey || undefined,
          secretKey: key.secretKey || undefined,
        },
        ca: ca?.name
          ? {
              kind: ca.kind || undefined,
              name: ca.name,
              key: ca.key || undefined,
            }
          : undefined,
        network: network || undefined,
        purpose,
      }).data,
    summary: (t, { folder, key, network }) => ({
      folder: folder ?? t('kind.setupEnable.beside'),
      key: key.secret,
      network: network === 'none' ? t('kind.setupEnable.noNetwork') : network,
    }),
  },
  end: (t, { subject }) => ({
    label: t('trail.openTenant', { name: subject.name }),
    page: 'tenants',
    parameter: 'tenant',
    id: subject.tenant,
  }),
});
