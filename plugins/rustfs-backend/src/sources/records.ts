import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import {
  AccessRecord,
  ANNOTATION_REQUEST,
  BucketRecord,
  LABEL_RECORD,
  LABEL_TENANT,
  readAccessRecordData,
  readBucketRecordData,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { metadataSchema } from '../kubernetes';
import { textOf } from '../textOf';

/** One version of a record in a cluster. */
export interface RecordVersion {
  uid?: string;
  resourceVersion?: string;
}

/** A record, the namespace that it is in, and the name of the tenant that it is about. */
export interface PlacedRecord<T> {
  namespace: string;
  tenant: string;
  record: T;
  version: RecordVersion;
}

/** By which records are found. */
export const RECORD_SELECTOR = `${LABEL_RECORD} in (bucket,access,status)`;

function entityRef(defaultKind: string) {
  return textOf(ref =>
    stringifyEntityRef(
      parseEntityRef(ref, { defaultKind, defaultNamespace: 'default' }),
    ),
  );
}

const placeSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  labels: z.object({ [LABEL_TENANT]: z.string() }),
});

const recordMetadataSchema = placeSchema.extend({
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  annotations: z
    .object({ [ANNOTATION_REQUEST]: z.string().optional() })
    .optional(),
});

function placed<T>(
  {
    annotations,
    labels,
    namespace,
    resourceVersion,
    uid,
  }: z.output<typeof recordMetadataSchema>,
  data: T,
): PlacedRecord<T & { request?: string }> {
  return {
    namespace,
    tenant: labels[LABEL_TENANT],
    record: { ...data, request: annotations?.[ANNOTATION_REQUEST] },
    version: { uid, resourceVersion },
  };
}

const refsSchema = z.object({
  owner: entityRef('group'),
  entity: entityRef('component'),
});

const bucketRefsSchema = refsSchema.partial();

export const bucketRecordSchema: z.ZodType<PlacedRecord<BucketRecord>> = z
  .object({
    metadata: recordMetadataSchema,
    data: z.unknown().transform((data, ctx) => {
      const record = readBucketRecordData(data);
      if ('wrong' in record) {
        const { wrong, message } = record;
        ctx.addIssue({ code: 'custom', path: wrong ? [wrong] : [], message });
        return z.NEVER;
      }
      const refs = bucketRefsSchema.safeParse(record);
      if (!refs.success) {
        const [{ path, message }] = refs.error.issues;
        ctx.addIssue({ code: 'custom', path, message });
        return z.NEVER;
      }
      return { ...record, ...refs.data };
    }),
  })
  .transform(({ metadata, data }) => placed(metadata, data));

export const accessRecordSchema: z.ZodType<PlacedRecord<AccessRecord>> = z
  .object({
    metadata: recordMetadataSchema,
    data: z.unknown().transform((data, ctx) => {
      const record = readAccessRecordData(data);
      const refs = refsSchema.safeParse(record);
      if (!record || !refs.success) {
        ctx.addIssue({
          code: 'custom',
          message: 'Expected what the portal writes into an access record',
        });
        return z.NEVER;
      }
      return { ...record, ...refs.data };
    }),
  })
  .transform(({ metadata, data }) => placed(metadata, data));

/** What a record is about, whether the rest of it can be read or not. */
export interface PlacedName {
  /** Of the record itself. */
  name: string;
  namespace: string;
  tenant: string;
  /** Of the bucket or of the access. */
  subject: string;
}

function placedName(
  metadata: z.output<typeof placeSchema>,
  subject: string,
): PlacedName {
  return {
    name: metadata.name,
    namespace: metadata.namespace,
    tenant: metadata.labels[LABEL_TENANT],
    subject,
  };
}

export const placedBucketSchema: z.ZodType<PlacedName> = z
  .object({ metadata: placeSchema, data: z.object({ bucket: z.string() }) })
  .transform(({ metadata, data }) => placedName(metadata, data.bucket));

export const placedAccessSchema: z.ZodType<PlacedName> = z
  .object({ metadata: placeSchema, data: z.object({ access: z.string() }) })
  .transform(({ metadata, data }) => placedName(metadata, data.access));

/** Whose a record is by its labels, and its own name. */
export const recordPlaceSchema = z
  .object({ metadata: placeSchema })
  .transform(({ metadata: { labels, name, namespace } }) => ({
    name,
    namespace,
    tenant: labels[LABEL_TENANT],
  }));

const kindLabelSchema = z.object({
  metadata: z.object({ labels: z.object({ [LABEL_RECORD]: z.string() }) }),
});

/** What the portal keeps in a ConfigMap: `bucket`, `access` or `status`; empty where nothing says so. */
export function recordKindOf(item: unknown): string {
  return (
    kindLabelSchema.safeParse(item).data?.metadata.labels[LABEL_RECORD] ?? ''
  );
}

/** The status of a setup program: what is in it is read apart. */
export const setupStatusSchema = z.object({
  metadata: metadataSchema,
  data: z.unknown().optional(),
});
