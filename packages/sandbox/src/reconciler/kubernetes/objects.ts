import { z } from 'zod';

const metadataSchema = z.looseObject({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  generation: z.number().optional(),
  resourceVersion: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).nullish(),
  labels: z.record(z.string(), z.string()).nullish(),
  annotations: z.record(z.string(), z.string()).nullish(),
  ownerReferences: z
    .array(
      z.looseObject({
        kind: z.string(),
        name: z.string(),
        uid: z.string().optional(),
      }),
    )
    .nullish(),
});

const objectSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: metadataSchema,
});

/** Any Kubernetes object. */
export type KubernetesObject = z.output<typeof objectSchema>;

/** One condition of a status, as the Flux controllers and the operator write it. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  message: string;
  observedGeneration?: number;
  lastTransitionTime?: string;
}

/** Which endpoint of the API serves a kind. */
export interface ResourceType {
  /** `v1` or `group/version`. */
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

export const NAMESPACES: ResourceType = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
};
export const SECRETS: ResourceType = {
  apiVersion: 'v1',
  kind: 'Secret',
  plural: 'secrets',
  namespaced: true,
};
export const CONFIG_MAPS: ResourceType = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
};
export const STATEFUL_SETS: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  plural: 'statefulsets',
  namespaced: true,
};
export const DEPLOYMENTS: ResourceType = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  plural: 'deployments',
  namespaced: true,
};
export const SERVICES: ResourceType = {
  apiVersion: 'v1',
  kind: 'Service',
  plural: 'services',
  namespaced: true,
};
export const SERVICE_ACCOUNTS: ResourceType = {
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};
export const CRON_JOBS: ResourceType = {
  apiVersion: 'batch/v1',
  kind: 'CronJob',
  plural: 'cronjobs',
  namespaced: true,
};
export const JOBS: ResourceType = {
  apiVersion: 'batch/v1',
  kind: 'Job',
  plural: 'jobs',
  namespaced: true,
};
export const EVENTS: ResourceType = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
};
export const TENANTS: ResourceType = {
  apiVersion: 'rustfs.com/v1alpha1',
  kind: 'Tenant',
  plural: 'tenants',
  namespaced: true,
};
export const GIT_REPOSITORIES: ResourceType = {
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  namespaced: true,
};
export const HELM_RELEASES: ResourceType = {
  apiVersion: 'helm.toolkit.fluxcd.io/v2',
  kind: 'HelmRelease',
  plural: 'helmreleases',
  namespaced: true,
};
export const APPLICATIONS: ResourceType = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  plural: 'applications',
  namespaced: true,
};
export const KUSTOMIZATIONS: ResourceType = {
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  plural: 'kustomizations',
  namespaced: true,
};

export function parseObject(value: unknown): KubernetesObject {
  return objectSchema.parse(value);
}

/** `namespace/name`, which tells objects of one kind apart. */
export function keyOf(object: KubernetesObject): string {
  return `${object.metadata.namespace ?? ''}/${object.metadata.name}`;
}

/** Reads a value of a Secret, decoded and without surrounding white space. */
export function secretValue(
  secret: KubernetesObject,
  key: string,
): string | undefined {
  const data = z.record(z.string(), z.string()).safeParse(secret.data);
  const value = data.success ? data.data[key] : undefined;
  return value === undefined
    ? undefined
    : Buffer.from(value, 'base64').toString('utf8').trim();
}

/**
 * Sets conditions in a list; `lastTransitionTime` moves only when the status of a condition changes.
 */
export function upsertConditions(
  previous: Condition[],
  changes: Condition[],
  now: string,
): Condition[] {
  const next = previous.map(old => {
    const change = changes.find(c => c.type === old.type);
    return change ? withTransition(change, old, now) : old;
  });
  for (const change of changes) {
    if (!previous.some(old => old.type === change.type)) {
      next.push(withTransition(change, undefined, now));
    }
  }
  return next;
}

/** Replaces the whole list of conditions; times of conditions whose status is the same stay. */
export function replaceConditions(
  previous: Condition[],
  conditions: Condition[],
  now: string,
): Condition[] {
  return conditions.map(condition =>
    withTransition(
      condition,
      previous.find(old => old.type === condition.type),
      now,
    ),
  );
}

function withTransition(
  condition: Condition,
  old: Condition | undefined,
  now: string,
): Condition {
  return {
    ...condition,
    lastTransitionTime:
      old?.status === condition.status && old.lastTransitionTime
        ? old.lastTransitionTime
        : now,
  };
}

/** Now; times in Kubernetes have seconds only. */
export function timestamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}
