import { z } from 'zod';
import { withoutCredentials } from '../../kubernetes';

/*
 * An Application of Argo CD, as far as it is read (argoproj.io/v1alpha1). Values of charts are left where they are: they are
 * copied into operation, comparison and history, and may hold secrets.
 */

const KEPT_ANNOTATIONS = [
  'argocd.argoproj.io/skip-reconcile',
  'argocd.argoproj.io/tracking-id',
];

const text = z.string().optional();

const kustomizeSchema = z.object({
  namePrefix: text,
  nameSuffix: text,
  namespace: text,
  commonLabels: z.record(z.string(), z.string()).optional(),
  commonAnnotations: z.record(z.string(), z.string()).optional(),
  components: z.array(z.string()).optional(),
  ignoreMissingComponents: z.boolean().optional(),
  patches: z.array(z.unknown()).optional(),
});

const sourceSchema = z.object({
  repoURL: z.string().default('').transform(withoutCredentials),
  targetRevision: text,
  path: text,
  chart: text,
  ref: text,
  directory: z
    .object({
      recurse: z.boolean().optional(),
      include: text,
      exclude: text,
    })
    .optional(),
  kustomize: kustomizeSchema.optional(),
  /** That it is there is all that is known of them. */
  helm: z.object({}).optional(),
  plugin: z.object({}).optional(),
});

const revisionsSchema = z.object({
  revision: text,
  revisions: z.array(z.string()).optional(),
});

const resourceSchema = z.object({
  group: text,
  kind: z.string(),
  namespace: text,
  name: z.string(),
  status: text,
  hook: z.boolean().optional(),
  requiresPruning: z.boolean().optional(),
});

const resultSchema = resourceSchema.extend({
  message: text,
  hookType: text,
  hookPhase: text,
});

const operationSchema = z.object({
  sync: revisionsSchema.optional(),
  retry: z.object({ limit: z.number().optional() }).optional(),
});

const hydrationSchema = z.object({
  drySHA: text,
  hydratedSHA: text,
  phase: text,
  message: text,
  finishedAt: text,
});

export const applicationSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    deletionTimestamp: text,
    annotations: z
      .record(z.string(), z.string())
      // One of them holds the whole manifest.
      .transform(all =>
        Object.fromEntries(
          Object.entries(all).filter(([key]) => KEPT_ANNOTATIONS.includes(key)),
        ),
      )
      .optional(),
    labels: z.record(z.string(), z.string()).optional(),
    ownerReferences: z
      .array(z.object({ kind: z.string(), name: z.string() }))
      .optional(),
  }),
  spec: z.object({
    project: z.string().default('default'),
    destination: z.object({ server: text, name: text, namespace: text }),
    source: sourceSchema.optional(),
    sources: z.array(sourceSchema).optional(),
    sourceHydrator: z
      .object({
        drySource: z.object({
          repoURL: z.string().transform(withoutCredentials),
          targetRevision: text,
          path: text,
        }),
      })
      .optional(),
    syncPolicy: z
      .object({
        automated: z
          .object({
            enabled: z.boolean().optional(),
            prune: z.boolean().optional(),
          })
          .optional(),
      })
      .optional(),
    ignoreDifferences: z
      .array(z.object({ group: text, kind: z.string(), name: text }))
      .optional(),
  }),
  operation: operationSchema.optional(),
  status: z
    .object({
      reconciledAt: text,
      sourceType: text,
      sourceTypes: z.array(z.string()).optional(),
      sync: revisionsSchema
        .extend({
          status: text,
          comparedTo: z
            .object({
              source: sourceSchema.optional(),
              sources: z.array(sourceSchema).optional(),
            })
            .optional(),
        })
        .optional(),
      health: z.object({ status: text }).optional(),
      operationState: z
        .object({
          phase: z.string(),
          message: text,
          retryCount: z.number().optional(),
          startedAt: text,
          finishedAt: text,
          operation: operationSchema.optional(),
          syncResult: revisionsSchema
            .extend({ resources: z.array(resultSchema).optional() })
            .optional(),
        })
        .optional(),
      history: z.array(revisionsSchema.extend({ deployedAt: text })).optional(),
      conditions: z
        .array(
          z.object({
            type: z.string(),
            message: z.string().default(''),
            lastTransitionTime: text,
          }),
        )
        .optional(),
      resources: z.array(resourceSchema).optional(),
      sourceHydrator: z
        .object({
          lastSuccessfulOperation: hydrationSchema.optional(),
          currentOperation: hydrationSchema.optional(),
        })
        .optional(),
    })
    .optional(),
});

export type ApplicationObject = z.output<typeof applicationSchema>;
export type ApplicationSource = z.output<typeof sourceSchema>;
export type ApplicationResource = z.output<typeof resourceSchema>;

/** The sources of an Application, whichever way they are written. */
export function sourcesOf({ spec }: ApplicationObject): ApplicationSource[] {
  if (spec.sources?.length) {
    return spec.sources;
  }
  return spec.source ? [spec.source] : [];
}

export function writeName({ metadata }: ApplicationObject): string {
  return `Application ${metadata.namespace}/${metadata.name}`;
}
