import {
  accessCreateSchema,
  accessRequestPermission,
  bucketRequestPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { scopeWords, secretPlace } from '../lib/access';
import { readBucketSettings, readScope } from '../lib/form';
import { TEMPLATES } from '../routes';
import { accessEnd, findAccess, modeTitle } from './accessWords';
import { bucketFacts, bucketSummary, findBucket } from './bucketWords';
import { defineKind } from './KindView';

/** Access to buckets, with its new buckets. */
export const accessCreate = defineKind('access-create', {
  title: t => t('kind.accessCreate.title'),
  ready: t => t('kind.accessCreate.ready'),
  facts: (t, { consumer, mode, newBuckets, scope, tenant }) => [
    [t('access.buckets'), scopeWords(scope)],
    [t('access.mode'), modeTitle(t, mode)],
    [
      t('access.secret'),
      secretPlace({ cluster: tenant.split('/')[0], ...consumer }),
    ],
    ...newBuckets.flatMap(({ bucket, ...settings }) => [
      [t('kind.accessCreate.newBucket'), bucket] as [string, string],
      ...bucketFacts(t, settings),
    ]),
  ],
  form: {
    template: ({ newBuckets }) =>
      newBuckets.length ? TEMPLATES.storage : TEMPLATES.access,
    permission: accessRequestPermission,
    alsoNeeds: ({ newBuckets }) =>
      newBuckets.length ? bucketRequestPermission : undefined,
    fillIn({ access, newBuckets: [bucket], ...input }, { needsOtherName }) {
      // The name is taken, and the form offers one that is not.
      const name = needsOtherName ? undefined : access;
      return bucket
        ? { ...input, ...bucket, quota: bucket.quota ?? '', access: name }
        : { ...input, access: name };
    },
    toInput(form) {
      const { entityRef, tenant, access, consumer, mode, purpose } = form;
      const { bucket } = form;
      const shared = { entityRef, tenant, access, consumer, mode, purpose };
      // The form that makes a bucket as well has its name, and the access is to that.
      return accessCreateSchema.safeParse(
        bucket
          ? {
              ...shared,
              scope: { type: 'buckets', buckets: [bucket] },
              newBuckets: [readBucketSettings(form)],
            }
          : { ...shared, scope: readScope(form.scope) },
      ).data;
    },
    whyNot(t, { accessModes, namespaces }) {
      if (!accessModes.length) {
        return t('form.noAccessModes');
      }
      return namespaces.length ? undefined : t('form.noNamespaces');
    },
    summary: (t, { access, scope, mode, consumer, newBuckets: [bucket] }) => ({
      access,
      buckets: scopeWords(scope),
      mode: modeTitle(t, mode),
      secret: `${consumer.namespace}/${consumer.secret}`,
      ...(bucket && bucketSummary(t, bucket)),
    }),
  },
  end: (t, { subject }) =>
    accessEnd(subject, t('trail.connect', { name: subject.name })),
  isShown: (storage, { subject }, { newBuckets, tenant }) =>
    findAccess(storage, subject)?.state === 'ready' &&
    newBuckets.every(
      ({ bucket }) =>
        findBucket(storage, { tenant, name: bucket })?.state === 'ready',
    ),
});
