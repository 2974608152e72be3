import { z } from 'zod';

/** A condition of a Kubernetes object. */
export interface ObjectCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

/** Metadata of a Kubernetes object, as far as it is read. */
export interface ObjectMetadata {
  name: string;
  namespace: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

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

export const metadataSchema = z.object({
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
export function withoutCredentials(text: string): string {
  return text.replace(/(https?:\/\/)[^/\s'"]*@/g, '$1');
}

export const conditionsSchema = z
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

/** The condition of a type, where an object has it. */
export function conditionOf(
  { status }: { status?: { conditions: ObjectCondition[] } },
  type: string,
): ObjectCondition | undefined {
  return status?.conditions.find(condition => condition.type === type);
}
