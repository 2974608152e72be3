import { z } from 'zod';
import { ClusterObjectRef } from '@rustfs-portal/plugin-rustfs-common';
import { TenantCondition } from '@rustfs-portal/plugin-rustfs-node';
import { WorkloadConfig } from '../../config';
import {
  conditionOf,
  conditionsSchema,
  metadataSchema,
  ObjectCondition,
  ObjectMetadata,
} from '../../kubernetes';

/** A Deployment or a StatefulSet, as far as it is read: what its containers are given may hold secrets. */
export interface WorkloadObject {
  metadata: ObjectMetadata;
  spec: {
    replicas?: number;
    template: {
      metadata?: { labels?: Record<string, string> };
      spec: {
        containers: Array<{
          image?: string;
          /** Names only. */
          env?: string[];
        }>;
      };
    };
  };
  status?: {
    observedGeneration?: number;
    readyReplicas?: number;
    updatedReplicas?: number;
    currentRevision?: string;
    updateRevision?: string;
    conditions: ObjectCondition[];
  };
}

/** With its kind, which the objects of a list do not say. */
export interface Workload extends WorkloadObject {
  kind: WorkloadConfig['kind'];
}

export const workloadSchema: z.ZodType<WorkloadObject> = z.object({
  metadata: metadataSchema,
  spec: z.object({
    replicas: z.number().optional(),
    template: z.object({
      metadata: z
        .object({ labels: z.record(z.string(), z.string()).optional() })
        .optional(),
      spec: z.object({
        containers: z.array(
          z.object({
            image: z.string().optional(),
            env: z
              .array(z.object({ name: z.string() }).transform(e => e.name))
              .optional(),
          }),
        ),
      }),
    }),
  }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      readyReplicas: z.number().optional(),
      updatedReplicas: z.number().optional(),
      currentRevision: z.string().optional(),
      updateRevision: z.string().optional(),
      conditions: conditionsSchema,
    })
    .optional(),
});

/** A registry prefix, a tag and a digest may be there or not. */
const IMAGE = /(^|\/)rustfs\/rustfs(:[^/@]*)?(@.*)?$/;

/** The workloads that run RustFS, by their image; where no image tells, by the labels that its charts write. */
export function findRustfs(workloads: Workload[]): Workload[] {
  const byImage = workloads.filter(({ spec }) =>
    spec.template.spec.containers.some(({ image }) => IMAGE.test(image ?? '')),
  );
  return byImage.length > 0
    ? byImage
    : workloads.filter(
        ({ metadata }) =>
          metadata.labels?.['app.kubernetes.io/name'] === 'rustfs',
      );
}

export function refOf({ kind, metadata }: Workload): ClusterObjectRef {
  return { kind, namespace: metadata.namespace, name: metadata.name };
}

/** How a workload stands, in the words of Kubernetes where it has some. */
export function describeWorkload(workload: Workload): TenantCondition {
  const { kind, metadata, spec, status } = workload;
  const wanted = spec.replicas ?? 1;
  const ready = status?.readyReplicas ?? 0;
  const pods = `${ready} of ${wanted} Pods of ${kind} ${metadata.name} are ready`;
  if (wanted === 0) {
    return {
      state: 'blocked',
      reason: 'ScaledToZero',
      message: `${kind} ${metadata.name} is scaled to 0`,
    };
  }
  if ((status?.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return {
      state: 'reconciling',
      reason: 'NotObserved',
      message: `Kubernetes has not seen this version of ${kind} ${metadata.name} yet`,
    };
  }
  const stuck = [
    conditionOf(workload, 'ReplicaFailure'),
    conditionOf(workload, 'Progressing'),
  ].find(
    condition =>
      condition &&
      condition.status ===
        (condition.type === 'Progressing' ? 'False' : 'True'),
  );
  if (stuck) {
    return {
      state: 'degraded',
      reason: stuck.reason,
      message: stuck.message ?? pods,
    };
  }
  if (isRollingOut(workload, wanted)) {
    return {
      state: 'reconciling',
      reason: 'RollingOut',
      message: `A new version of ${kind} ${metadata.name} is being rolled out; ${pods}`,
    };
  }
  if (ready < wanted) {
    const available = conditionOf(workload, 'Available');
    return {
      state: 'degraded',
      reason:
        (available?.status === 'False' && available.reason) || 'PodsNotReady',
      message: pods,
    };
  }
  return { state: 'ready' };
}

function isRollingOut({ kind, status }: Workload, wanted: number): boolean {
  return kind === 'StatefulSet'
    ? status?.updateRevision !== undefined &&
        status.currentRevision !== status.updateRevision
    : (status?.updatedReplicas ?? 0) < wanted;
}
