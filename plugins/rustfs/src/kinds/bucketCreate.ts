import {
  bucketRequestPermission,
  bucketRequestSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import { readBucket } from '../lib/form';
import { TEMPLATES } from '../routes';
import {
  bucketEnd,
  bucketFacts,
  bucketSummary,
  findBucket,
} from './bucketWords';
import { defineKind } from './KindView';

/** A new bucket. */
export const bucketCreate = defineKind('bucket-create', {
  title: t => t('kind.bucketCreate.title'),
  ready: t => t('kind.bucketCreate.ready'),
  facts: bucketFacts,
  form: {
    template: () => TEMPLATES.bucket,
    permission: bucketRequestPermission,
    fillIn: ({ bucket, ...input }, { needsOtherName }) => ({
      ...input,
      // The name is taken, and the form offers one that is not.
      bucket: needsOtherName ? undefined : bucket,
      // None was wanted, so the form is not to begin with what is usual.
      quota: input.quota ?? '',
    }),
    toInput: form => bucketRequestSchema.safeParse(readBucket(form)).data,
    summary: (t, { bucket, ...settings }) => ({
      bucket,
      ...bucketSummary(t, settings),
    }),
  },
  end: (t, { subject }) =>
    bucketEnd(subject, t('trail.connect', { name: subject.name })),
  isShown: (storage, { subject }) =>
    findBucket(storage, subject)?.state === 'ready',
});
