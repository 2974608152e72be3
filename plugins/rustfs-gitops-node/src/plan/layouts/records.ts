import {
  BucketDeclared,
  LABEL_RECORD,
  LABEL_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { DeclarationTarget } from '../../types';

const manifestSchema = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({
    labels: z.object({
      [LABEL_RECORD]: z.enum(['bucket', 'access']),
      [LABEL_TENANT]: z.string(),
    }),
  }),
  data: z.record(z.string(), z.unknown()),
});

/** The texts of a record. */
export type RecordData = Record<string, string>;

/** The bucket that a record declares; whether it has object lock only the Tenant says. */
export function fromBucketRecordData(
  data: RecordData,
  objectLock: boolean,
): BucketDeclared {
  return {
    type: 'bucket',
    name: data.bucket,
    owner: data.owner,
    entity: data.entity,
    purpose: data.purpose,
    dataClass: data.dataClass,
    quota: data.quota,
    versioning: data.versioning === 'enabled',
    objectLock,
  };
}

/**
 * Reads a record of a tenant; undefined when the manifest is something else.
 *
 * @param namespace - that it ends up in
 */
export function readRecord(
  manifest: unknown,
  namespace: string | undefined,
  { tenant }: DeclarationTarget,
): { type: 'bucket' | 'access'; data: RecordData } | undefined {
  const { data } = manifestSchema.safeParse(manifest);
  return data &&
    (namespace ?? tenant.namespace) === tenant.namespace &&
    data.metadata.labels[LABEL_TENANT] === tenant.name
    ? {
        type: data.metadata.labels[LABEL_RECORD],
        data: Object.fromEntries(
          Object.entries(data.data).flatMap(([key, value]) =>
            value === null ? [] : [[key, String(value)]],
          ),
        ),
      }
    : undefined;
}
