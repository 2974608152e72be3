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
import {
  GitRepositoryObject,
  KustomizationObject,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { textOf } from '../../textOf';

/** What Argo CD and Helm write on the objects that they apply. */
const TRACKING_ANNOTATIONS = [
  'argocd.argoproj.io/tracking-id',
  'meta.helm.sh/release-name',
  'meta.helm.sh/release-namespace',
];

/** No other annotations: one of them holds the whole manifest, and what is read here goes into the shared cache. */
function pickTracking(all: Record<string, string>) {
  return Object.fromEntries(
    TRACKING_ANNOTATIONS.filter(key => key in all).map(key => [key, all[key]]),
  );
}

const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string(),
  generation: z.number().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z
    .record(z.string(), z.string())
    .transform(pickTracking)
    .optional(),
});

/** Addresses are shown to people and kept in the cache; `git@` of an SSH address is a name, not a secret. */
function withoutCredentials(text: string): string {
  return text.replace(/(https?:\/\/)[^/\s'"]*@/g, '$1');
}

const conditionsSchema = z
  .array(
    z.object({
      type: z.string(),
      status: z.string(),
      reason: z.string().optional(),
      // Flux quotes the address that it cannot fetch.
      message: z.string().transform(withoutCredentials).optional(),
      lastTransitionTime: z.string().optional(),
      observedGeneration: z.number().optional(),
    }),
  )
  .default([]);

const itemsSchema = z.array(
  z.object({
    name: z.string(),
    state: z.string(),
    reason: z.string().optional(),
    message: z.string().optional(),
    lastTransitionTime: z.string().optional(),
  }),
);

export const tenantSchema: z.ZodType<TenantObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    buckets: z
      .array(
        z.object({ name: z.string(), objectLock: z.boolean().default(false) }),
      )
      .default([]),
    policies: z.array(z.object({ name: z.string() })).optional(),
    users: z
      .array(
        z.object({
          name: z.string(),
          policies: z.array(z.string()).default([]),
        }),
      )
      .optional(),
  }),
  status: z
    .object({
      currentState: z.string().optional(),
      observedGeneration: z.number().optional(),
      conditions: conditionsSchema,
      provisioning: z
        .object({
          observedGeneration: z.number().optional(),
          buckets: itemsSchema.default([]),
          policies: itemsSchema.optional(),
          users: itemsSchema.optional(),
        })
        .optional(),
    })
    .optional(),
});

export const kustomizationSchema: z.ZodType<KustomizationObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    path: z.string().optional(),
    suspend: z.boolean().optional(),
    sourceRef: z.object({
      kind: z.string(),
      name: z.string(),
      namespace: z.string().optional(),
    }),
    targetNamespace: z.string().optional(),
    namePrefix: z.string().optional(),
    nameSuffix: z.string().optional(),
    patches: z.array(z.unknown()).optional(),
    components: z.array(z.string()).optional(),
    ignoreMissingComponents: z.boolean().optional(),
    images: z.array(z.unknown()).optional(),
    commonMetadata: z
      .object({
        labels: z.record(z.string(), z.string()).optional(),
        annotations: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    ignore: z.string().optional(),
    decryption: z.object({ provider: z.string() }).optional(),
    postBuild: z
      .object({
        substitute: z.record(z.string(), z.string()).optional(),
        substituteFrom: z
          .array(
            z.object({
              kind: z.string(),
              name: z.string(),
              optional: z.boolean().optional(),
            }),
          )
          .optional(),
      })
      .optional(),
  }),
  status: z
    .object({
      lastAppliedRevision: z.string().optional(),
      lastAttemptedRevision: z.string().optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});

export const gitRepositorySchema: z.ZodType<GitRepositoryObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    url: z.string().transform(withoutCredentials),
    ref: z
      .object({
        branch: z.string().optional(),
        tag: z.string().optional(),
        semver: z.string().optional(),
        name: z.string().optional(),
        commit: z.string().optional(),
      })
      .optional(),
    include: z
      .array(
        z.object({
          repository: z.object({ name: z.string() }),
          toPath: z.string().optional(),
        }),
      )
      .optional(),
    ignore: z.string().optional(),
    interval: z.string().optional(),
    suspend: z.boolean().optional(),
  }),
  status: z
    .object({
      artifact: z.object({ revision: z.string().optional() }).optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});

/** A record and the Tenant, in the same namespace, that it is about. */
export interface PlacedRecord<T> {
  namespace: string;
  tenant: string;
  record: T;
}

/** By which records are found. */
export const RECORD_SELECTOR = `${LABEL_RECORD} in (bucket,access)`;

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
  annotations: z
    .object({ [ANNOTATION_REQUEST]: z.string().optional() })
    .optional(),
});

function placed<T>(
  { namespace, labels, annotations }: z.output<typeof recordMetadataSchema>,
  data: T,
): PlacedRecord<T & { request?: string }> {
  return {
    namespace,
    tenant: labels[LABEL_TENANT],
    record: { ...data, request: annotations?.[ANNOTATION_REQUEST] },
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

const accessLabelSchema = z.object({
  metadata: z.object({
    labels: z.object({ [LABEL_RECORD]: z.literal('access') }),
  }),
});

/** Whether a record is about an access. */
export function isAccessRecord(item: unknown): boolean {
  return accessLabelSchema.safeParse(item).success;
}
