import { z } from 'zod';
import { BucketChange, DeclarationTarget } from '../types';
import { writeScalar } from '../yaml';
import { oneLine } from './text';

const LABEL_RECORD = 'rustfs-portal/record';
const LABEL_TENANT = 'rustfs-portal/tenant';

const recordSchema = z.object({
  kind: z.literal('ConfigMap'),
  metadata: z.object({
    labels: z.object({
      [LABEL_RECORD]: z.literal('bucket'),
      [LABEL_TENANT]: z.string(),
    }),
  }),
  data: z.record(z.string(), z.unknown()),
});

/** The settings of a bucket as its record holds them. */
export type BucketRecordData = Record<string, string>;

/** What the record of a bucket holds. */
export function recordDataOf(change: BucketChange): BucketRecordData {
  return {
    bucket: change.bucket,
    owner: oneLine(change.owner),
    entity: oneLine(change.entityRef),
    purpose: oneLine(change.purpose),
    dataClass: oneLine(change.dataClass),
    ...(change.quota && { quota: oneLine(change.quota) }),
    // A bucket with object lock is versioned, whether asked or not.
    versioning: change.versioning || change.objectLock ? 'enabled' : 'off',
  };
}

/**
 * Reads a bucket record of a tenant; undefined when the manifest is something else.
 *
 * @param namespace - that it ends up in
 */
export function readRecord(
  manifest: unknown,
  namespace: string | undefined,
  { tenant }: DeclarationTarget,
): BucketRecordData | undefined {
  const { data } = recordSchema.safeParse(manifest);
  return data &&
    (namespace ?? tenant.namespace) === tenant.namespace &&
    data.metadata.labels[LABEL_TENANT] === tenant.name
    ? Object.fromEntries(
        Object.entries(data.data).flatMap(([key, value]) =>
          value === null ? [] : [[key, String(value)]],
        ),
      )
    : undefined;
}

/** Whether a text can hold bucket records; saves parsing it. */
export function mayHoldRecord(text: string): boolean {
  return text.includes(LABEL_TENANT);
}

/** The manifest that says in Git who owns a bucket and how it is meant to be set. */
export function writeRecord(
  change: BucketChange,
  { tenant }: DeclarationTarget,
): string {
  return `${[
    'apiVersion: v1',
    'kind: ConfigMap',
    'metadata:',
    `  name: ${writeScalar(`bucket.${tenant.name}.${change.bucket}`)}`,
    `  namespace: ${writeScalar(tenant.namespace)}`,
    '  labels:',
    '    app.kubernetes.io/managed-by: rustfs-portal',
    `    ${LABEL_RECORD}: bucket`,
    `    ${LABEL_TENANT}: ${writeScalar(tenant.name)}`,
    '  annotations:',
    `    rustfs-portal/request: ${writeScalar(change.requestId)}`,
    // Flux would put cluster variables, secret ones too, where the purpose says `${name}`.
    '    kustomize.toolkit.fluxcd.io/substitute: disabled',
    'data:',
    ...Object.entries(recordDataOf(change)).map(
      ([key, value]) => `  ${key}: ${writeScalar(value)}`,
    ),
  ].join('\n')}\n`;
}
