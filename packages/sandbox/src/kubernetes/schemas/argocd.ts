import { array, boolean, map, object, open, string } from '../schema';

const source = object({
  'repoURL!': string(),
  targetRevision: string(),
  path: string(),
  chart: string(),
  ref: string(),
  directory: object({
    recurse: boolean(),
    include: string(),
    exclude: string(),
    jsonnet: open(),
  }),
  kustomize: open(),
  helm: open(),
  plugin: open(),
});

/** What Argo CD brings into a cluster (`argoproj.io/v1alpha1`); the status is no subresource, and anybody may write it. */
export const applicationSchema = object({
  'spec!': object({
    'destination!': object({
      server: string(),
      name: string(),
      namespace: string(),
    }),
    'project!': string(),
    source,
    sources: array(source),
    sourceHydrator: open(),
    syncPolicy: object({
      automated: object({
        enabled: boolean(),
        prune: boolean(),
        selfHeal: boolean(),
        allowEmpty: boolean(),
      }),
      syncOptions: array(string()),
      retry: open(),
      managedNamespaceMetadata: object({
        annotations: map(string()),
        labels: map(string()),
      }),
    }),
    ignoreDifferences: array(open()),
    info: array(open()),
    revisionHistoryLimit: open(),
  }),
  operation: open(),
  status: open(),
});
