import { parseEntityRef, stringifyEntityRef } from '@backstage/catalog-model';
import { parseBytes } from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketRecord,
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

export const tenantSchema: z.ZodType<TenantObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    buckets: z
      .array(
        z.object({ name: z.string(), objectLock: z.boolean().default(false) }),
      )
      .default([]),
  }),
  status: z
    .object({
      currentState: z.string().optional(),
      observedGeneration: z.number().optional(),
      conditions: conditionsSchema,
      provisioning: z
        .object({
          observedGeneration: z.number().optional(),
          buckets: z
            .array(
              z.object({
                name: z.string(),
                state: z.string(),
                reason: z.string().optional(),
                message: z.string().optional(),
                lastTransitionTime: z.string().optional(),
              }),
            )
            .default([]),
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

/** A bucket record and the Tenant, in the same namespace, that it is about. */
export interface PlacedRecord {
  namespace: string;
  tenant: string;
  record: BucketRecord;
}

/** The label by which bucket records are found. */
export const RECORD_SELECTOR = 'rustfs-portal/record=bucket';

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
  labels: z.object({ 'rustfs-portal/tenant': z.string() }),
});

export const recordSchema: z.ZodType<PlacedRecord> = z
  .object({
    metadata: placeSchema.extend({
      annotations: z
        .object({ 'rustfs-portal/request': z.string().optional() })
        .optional(),
    }),
    data: z.object({
      bucket: z.string(),
      owner: entityRef('group').optional(),
      entity: entityRef('component').optional(),
      purpose: z.string().optional(),
      dataClass: z.string().optional(),
      quota: textOf(parseBytes).optional(),
      versioning: z.enum(['enabled', 'off']).optional(),
    }),
  })
  .transform(({ metadata, data: { quota, versioning, ...data } }) => ({
    namespace: metadata.namespace,
    tenant: metadata.labels['rustfs-portal/tenant'],
    record: {
      ...data,
      quotaBytes: quota,
      versioning: versioning && versioning === 'enabled',
      request: metadata.annotations?.['rustfs-portal/request'],
    },
  }));

/** Which bucket a record is about, whether the rest of it can be read or not. */
export const placedBucketSchema = z
  .object({ metadata: placeSchema, data: z.object({ bucket: z.string() }) })
  .transform(({ metadata, data }) => ({
    name: metadata.name,
    namespace: metadata.namespace,
    tenant: metadata.labels['rustfs-portal/tenant'],
    bucket: data.bucket,
  }));

/** A bucket and the record that is about it. */
export type PlacedBucket = z.output<typeof placedBucketSchema>;
