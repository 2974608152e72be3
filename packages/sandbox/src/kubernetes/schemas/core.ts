import { any, array, boolean, map, object, open, string } from '../schema';

/** Kinds of Kubernetes itself: enough structure to catch slips, no more. */

export const namespaceSchema = object({ spec: open(), status: open() });

export const secretSchema = object({
  data: map(string()),
  stringData: map(string()),
  type: string({ default: 'Opaque' }),
  immutable: boolean(),
});

export const configMapSchema = object({
  data: map(string()),
  binaryData: map(string()),
  immutable: boolean(),
});

export const serviceSchema = object({
  spec: open({ default: {} }),
  status: open({ default: { loadBalancer: {} } }),
});

export const podSchema = object({ spec: open(), status: open() });

/** Deployments, StatefulSets, Jobs and CronJobs. */
export const workloadSchema = object({ spec: open(), status: open() });

export const serviceAccountSchema = object({
  secrets: array(open()),
  imagePullSecrets: array(open()),
  automountServiceAccountToken: boolean(),
});

export const networkPolicySchema = object({ spec: open() });

/** Rights in a namespace (`rbac.authorization.k8s.io/v1`). */
export const roleSchema = object({
  rules: array(
    object({
      'verbs!': array(string()),
      apiGroups: array(string()),
      resources: array(string()),
      resourceNames: array(string()),
      nonResourceURLs: array(string()),
    }),
  ),
});

export const roleBindingSchema = object({
  subjects: array(
    object({
      'kind!': string(),
      apiGroup: string(),
      'name!': string(),
      namespace: string(),
    }),
  ),
  'roleRef!': object({
    apiGroup: string(),
    'kind!': string(),
    'name!': string(),
  }),
});

export const eventSchema = object({
  involvedObject: open(),
  related: open(),
  source: open({ default: {} }),
  series: open(),
  reason: string(),
  message: string(),
  type: string(),
  action: string(),
  count: any(),
  eventTime: any({ nullable: true }),
  firstTimestamp: any({ nullable: true }),
  lastTimestamp: any({ nullable: true }),
  reportingComponent: string({ default: '' }),
  reportingInstance: string({ default: '' }),
});

/** `metadata` of every kind. */
export const metadataSchema = object({
  name: string(),
  generateName: string(),
  namespace: string(),
  uid: string(),
  resourceVersion: string(),
  generation: any(),
  creationTimestamp: any(),
  deletionTimestamp: any(),
  deletionGracePeriodSeconds: any(),
  selfLink: string(),
  labels: map(string()),
  annotations: map(string()),
  finalizers: array(string()),
  ownerReferences: array(
    object({
      'apiVersion!': string(),
      'kind!': string(),
      'name!': string(),
      'uid!': string(),
      controller: boolean(),
      blockOwnerDeletion: boolean(),
    }),
  ),
  managedFields: any(),
});
