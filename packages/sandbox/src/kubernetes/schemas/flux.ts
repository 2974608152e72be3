import { array, boolean, map, object, open, string } from '../schema';

const localReference = object({ 'name!': string() });
const duration = string({ pattern: /^([0-9]+(\.[0-9]+)?(ms|s|m|h))+$/ });

/** Where manifests are fetched from (`source.toolkit.fluxcd.io/v1`). */
export const gitRepositorySchema = object({
  spec: object({
    'url!': string({ pattern: /^(http|https|ssh):\/\/.*$/ }),
    'interval!': duration,
    ref: object({
      branch: string(),
      tag: string(),
      semver: string(),
      name: string(),
      commit: string(),
    }),
    secretRef: localReference,
    proxySecretRef: localReference,
    serviceAccountName: string(),
    provider: string({ enum: ['generic', 'azure', 'github'] }),
    timeout: string({
      default: '60s',
      pattern: /^([0-9]+(\.[0-9]+)?(ms|s|m))+$/,
    }),
    ignore: string(),
    suspend: boolean(),
    recurseSubmodules: boolean(),
    sparseCheckout: array(string()),
    include: array(open()),
    verify: open(),
  }),
  status: open({ default: { observedGeneration: -1 } }),
});

/** What is applied from a source (`kustomize.toolkit.fluxcd.io/v1`). */
export const kustomizationSchema = object({
  spec: object({
    'interval!': duration,
    'prune!': boolean(),
    'sourceRef!': object({
      apiVersion: string(),
      'kind!': string({
        enum: ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'],
      }),
      'name!': string(),
      namespace: string(),
    }),
    path: string(),
    retryInterval: duration,
    timeout: duration,
    suspend: boolean(),
    force: boolean({ default: false }),
    wait: boolean(),
    targetNamespace: string({ minLength: 1, maxLength: 63 }),
    serviceAccountName: string(),
    namePrefix: string(),
    nameSuffix: string(),
    deletionPolicy: string({
      enum: ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'],
    }),
    ignoreMissingComponents: boolean(),
    components: array(string()),
    commonMetadata: object({
      annotations: map(string()),
      labels: map(string()),
    }),
    decryption: object({
      'provider!': string({ enum: ['sops'] }),
      secretRef: localReference,
      serviceAccountName: string(),
    }),
    dependsOn: array(
      object({ 'name!': string(), namespace: string(), readyExpr: string() }),
    ),
    healthChecks: array(
      object({
        apiVersion: string(),
        'kind!': string(),
        'name!': string(),
        namespace: string(),
      }),
    ),
    healthCheckExprs: array(
      object({
        'apiVersion!': string(),
        'kind!': string(),
        'current!': string(),
        inProgress: string(),
        failed: string(),
      }),
    ),
    images: array(open({ required: ['name'] })),
    patches: array(open({ required: ['patch'] })),
    kubeConfig: open(),
    postBuild: object({
      substitute: map(string()),
      substituteFrom: array(
        object({
          'kind!': string({ enum: ['Secret', 'ConfigMap'] }),
          'name!': string({ minLength: 1, maxLength: 253 }),
          optional: boolean({ default: false }),
        }),
      ),
    }),
  }),
  status: open({ default: { observedGeneration: -1 } }),
});

/** Where a chart is fetched from (`source.toolkit.fluxcd.io/v1`): what is looked at. */
export const ociRepositorySchema = object({
  spec: open({ required: ['interval', 'url'] }),
  status: open({ default: { observedGeneration: -1 } }),
});

/** What Helm releases (`helm.toolkit.fluxcd.io/v2`): what is looked at. */
export const helmReleaseSchema = object({
  spec: open({ required: ['interval'] }),
  status: open({ default: { observedGeneration: -1 } }),
});
