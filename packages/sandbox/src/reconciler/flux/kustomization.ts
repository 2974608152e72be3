import { z } from 'zod';
import { Condition, KubernetesObject } from '../kubernetes';
import { healthExpressionSchema } from './health';

const objectRefSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
});

/** The part of a Kustomization's spec that is acted on. */
export const kustomizationSpecSchema = z.object({
  path: z.string().default('./'),
  interval: z.string().default('10m'),
  retryInterval: z.string().optional(),
  timeout: z.string().optional(),
  prune: z.boolean().default(false),
  suspend: z.boolean().optional(),
  wait: z.boolean().optional(),
  targetNamespace: z.string().optional(),
  sourceRef: objectRefSchema,
  dependsOn: z.array(objectRefSchema).default([]),
  decryption: z
    .object({ provider: z.string(), secretRef: objectRefSchema.optional() })
    .optional(),
  postBuild: z
    .object({ substitute: z.record(z.string(), z.string()).optional() })
    .optional(),
  healthChecks: z
    .array(objectRefSchema.extend({ apiVersion: z.string(), kind: z.string() }))
    .default([]),
  healthCheckExprs: z.array(healthExpressionSchema).default([]),
});

const historyEntrySchema = z.looseObject({
  digest: z.string(),
  firstReconciled: z.string(),
  totalReconciliations: z.number(),
});

/** The status of a Kustomization. */
export const kustomizationStatusSchema = z
  .looseObject({
    observedGeneration: z.number().optional(),
    lastAppliedRevision: z.string().optional(),
    lastAttemptedRevision: z.string().optional(),
    lastHandledReconcileAt: z.string().optional(),
    conditions: z.array(z.custom<Condition>()).default([]),
    inventory: z
      .object({ entries: z.array(z.object({ id: z.string(), v: z.string() })) })
      .optional(),
    history: z.array(historyEntrySchema).default([]),
  })
  .default({ conditions: [], history: [] });

export type KustomizationSpec = z.output<typeof kustomizationSpecSchema>;
export type KustomizationStatus = z.output<typeof kustomizationStatusSchema>;

export type FailureReason =
  | 'ArtifactFailed'
  | 'BuildFailed'
  | 'ReconciliationFailed'
  | 'HealthCheckFailed'
  | 'PruneFailed';

/** A run that failed at one stage, with the reason that the Ready condition shows. */
export class RunError extends Error {
  constructor(readonly reason: FailureReason, message: string) {
    super(message);
    this.name = 'RunError';
  }
}

/** `namespace/name` of the source of a Kustomization. */
export function sourceKeyOf(kustomization: KubernetesObject): string {
  const { sourceRef } = kustomizationSpecSchema.parse(kustomization.spec);
  return `${sourceRef.namespace ?? kustomization.metadata.namespace}/${
    sourceRef.name
  }`;
}

export function readyConditionOf(
  object: KubernetesObject,
): Condition | undefined {
  return kustomizationStatusSchema
    .parse(object.status)
    .conditions.find(condition => condition.type === 'Ready');
}
