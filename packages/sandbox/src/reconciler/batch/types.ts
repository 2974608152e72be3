import { z } from 'zod';
import { KubernetesObject } from '../kubernetes';

const keySchema = z.object({ key: z.string(), path: z.string() });

const secretSourceSchema = z.object({
  items: z.array(keySchema).optional(),
  optional: z.boolean().optional(),
});

/** What of a volume is understood here; any other kind is refused. */
const volumeSchema = z.strictObject({
  name: z.string(),
  secret: secretSourceSchema
    .extend({ secretName: z.string(), defaultMode: z.number().optional() })
    .optional(),
  configMap: secretSourceSchema
    .extend({ name: z.string(), defaultMode: z.number().optional() })
    .optional(),
  emptyDir: z.unknown().optional(),
});

const envSchema = z.strictObject({
  name: z.string(),
  value: z.string().optional(),
  valueFrom: z
    .strictObject({
      fieldRef: z.object({
        fieldPath: z.enum(['metadata.namespace', 'metadata.name']),
      }),
    })
    .optional(),
});

const containerSchema = z.object({
  name: z.string(),
  image: z.string(),
  args: z.array(z.string()).default([]),
  env: z.array(envSchema).default([]),
  volumeMounts: z
    .array(
      z.object({
        name: z.string(),
        mountPath: z.string(),
        subPath: z.string().optional(),
      }),
    )
    .default([]),
});

/** The part of a Pod's spec that is acted on. */
export const podSpecSchema = z.object({
  containers: z.array(containerSchema).length(1),
  volumes: z.array(volumeSchema).default([]),
  serviceAccountName: z.string().default('default'),
  automountServiceAccountToken: z.boolean().default(true),
});

/** The part of a Job's spec that is acted on. */
export const jobSpecSchema = z.object({
  activeDeadlineSeconds: z.number().optional(),
  podFailurePolicy: z
    .object({
      rules: z.array(
        z.object({
          action: z.string(),
          onExitCodes: z
            .object({
              operator: z.enum(['In', 'NotIn']),
              values: z.array(z.number()),
            })
            .optional(),
        }),
      ),
    })
    .optional(),
  template: z.object({ spec: z.unknown() }),
});

/** The part of a CronJob's spec that is acted on. */
export const cronJobSpecSchema = z.object({
  suspend: z.boolean().default(false),
  successfulJobsHistoryLimit: z.number().default(3),
  failedJobsHistoryLimit: z.number().default(1),
  jobTemplate: z.object({
    metadata: z
      .object({
        labels: z.record(z.string(), z.string()).optional(),
        annotations: z.record(z.string(), z.string()).optional(),
      })
      .optional(),
    spec: z.unknown(),
  }),
});

const jobStatusSchema = z
  .looseObject({
    startTime: z.string().optional(),
    completionTime: z.string().optional(),
    conditions: z
      .array(z.looseObject({ type: z.string(), status: z.string() }))
      .default([]),
  })
  .default({ conditions: [] });

export type PodSpec = z.output<typeof podSpecSchema>;
export type JobSpec = z.output<typeof jobSpecSchema>;

/** How a Job stands. */
export function outcomeOf(
  job: KubernetesObject,
): 'active' | 'complete' | 'failed' {
  const { conditions } = jobStatusSchema.parse(job.status);
  const is = (type: string) =>
    conditions.some(each => each.type === type && each.status === 'True');
  if (is('Complete')) {
    return 'complete';
  }
  return is('Failed') ? 'failed' : 'active';
}

/** When a Job ended, if it did well. */
export function completionTimeOf(job: KubernetesObject): string | undefined {
  return jobStatusSchema.parse(job.status).completionTime;
}

/** The image without tag and digest. */
export function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '');
}

const imageSchema = z.object({
  containers: z.array(z.object({ image: z.string() })).min(1),
});

/** The image that the first container of a Pod runs. */
export function imageOf(podSpec: unknown): string | undefined {
  return imageSchema.safeParse(podSpec).data?.containers[0].image;
}
