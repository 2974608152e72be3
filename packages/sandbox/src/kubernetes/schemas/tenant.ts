import {
  any,
  array,
  boolean,
  integer,
  map,
  object,
  open,
  Schema,
  string,
} from '../schema';

const nullable = { nullable: true };
const optionalString = string(nullable);
const requiredText = string({ minLength: 1 });
const secretName = object({ 'name!': string() }, nullable);

const deletionPolicy = string({
  enum: ['Retain'],
  description: 'What happens on the server when the entry goes: it stays.',
});

const identifier = { minLength: 1, maxLength: 253, pattern: /^\S+$/ };

interface NamedUser {
  name: string;
  credsSecret?: { name: string } | null;
  policies?: string[];
}

const secretOf = (user: NamedUser) => user.credsSecret?.name ?? user.name;

const buckets = array(
  object({
    'name!': string({
      description: 'Name of the bucket on the server.',
      minLength: 3,
      maxLength: 63,
      pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/,
      rules: [
        {
          message: 'bucket name must be a valid RustFS/S3 bucket name',
          holds: (name: string) =>
            name !== 'rustfs' &&
            !/^(\d+\.){3}\d+$/.test(name) &&
            !['..', '.-', '-.'].some(pair => name.includes(pair)),
        },
      ],
    }),
    region: optionalString,
    objectLock: boolean({
      ...nullable,
      description: 'Make the bucket with object lock; cannot be changed later.',
    }),
    deletionPolicy,
  }),
  {
    description: 'Buckets to make once all pools are ready.',
    maxItems: 1024,
    list: { type: 'map', key: 'name' },
  },
);

const users = array(
  object({
    'name!': string({
      ...identifier,
      description:
        'Name of the entry. The name on the server is the access key in the Secret.',
    }),
    credsSecret: object(
      { 'name!': string({ minLength: 1, maxLength: 253 }) },
      {
        ...nullable,
        description:
          'Secret with accesskey and secretkey; by default the one named like the user.',
      },
    ),
    policies: array(string(identifier), {
      minItems: 1,
      maxItems: 64,
      list: { type: 'set' },
    }),
    deletionPolicy,
  }),
  {
    description: 'Users to make, each with the policies it gets.',
    maxItems: 256,
    list: { type: 'map', key: 'name' },
    rules: [
      {
        message: 'user policies must contain at least one policy',
        holds: (list: NamedUser[]) =>
          list.every(user => (user.policies ?? []).length > 0),
      },
      {
        message: 'user credential Secret references must be unique',
        holds: (list: NamedUser[]) =>
          new Set(list.map(secretOf)).size === list.length,
      },
    ],
  },
);

const policies = array(
  object({
    'name!': string(identifier),
    'document!': object({
      'configMapKeyRef!': object({
        'name!': string({ minLength: 1, maxLength: 253 }),
        'key!': string({ minLength: 1, maxLength: 253 }),
      }),
    }),
    deletionPolicy,
  }),
  {
    description: 'Policies to make from documents in ConfigMaps.',
    maxItems: 256,
    list: { type: 'map', key: 'name' },
  },
);

/** A count that is fixed with the first write: the layout of the data depends on it. */
function fixedCount(name: string): Schema {
  return integer({
    rules: [
      {
        message: `${name} must be greater than 0`,
        holds: (count: number) => count > 0,
      },
      {
        message: `${name} is immutable`,
        transition: true,
        holds: (count: number, old: number) => count === old,
      },
    ],
  });
}

const resources = {
  limits: map(any()),
  requests: map(any()),
};

const dataSource = {
  apiGroup: string(),
  'kind!': string(),
  'name!': string(),
};

const volumeClaimTemplate = object(
  {
    accessModes: array(string()),
    dataSource: object(dataSource),
    dataSourceRef: object({ ...dataSource, namespace: string() }),
    resources: object(resources),
    selector: object({
      matchExpressions: array(
        object({
          'key!': string(),
          'operator!': string(),
          values: array(string()),
        }),
      ),
      matchLabels: map(string()),
    }),
    storageClassName: string(),
    volumeAttributesClassName: string(),
    volumeMode: string(),
    volumeName: string(),
  },
  nullable,
);

const persistence = object({
  'volumesPerServer!': fixedCount('volumesPerServer'),
  volumeClaimTemplate,
  path: string({
    ...nullable,
    rules: [
      {
        message: 'path must be not empty when specified',
        holds: (path: string) => path !== '',
      },
    ],
  }),
  labels: map(string(), nullable),
  annotations: map(string(), nullable),
});

const podId = integer({ ...nullable, minimum: 0, maximum: 2147483647 });
const seccompProfile = {
  localhostProfile: string(),
  'type!': string(),
};
const podSecurityContext = object(
  {
    fsGroup: podId,
    runAsGroup: podId,
    runAsUser: podId,
    runAsNonRoot: boolean(nullable),
    seccompProfile: object(seccompProfile, nullable),
  },
  nullable,
);
const containerSecurityContext = object(
  {
    allowPrivilegeEscalation: boolean(),
    appArmorProfile: object(seccompProfile),
    capabilities: object({ add: array(string()), drop: array(string()) }),
    privileged: boolean(),
    procMount: string(),
    readOnlyRootFilesystem: boolean(),
    runAsGroup: integer(),
    runAsNonRoot: boolean(),
    runAsUser: integer(),
    seLinuxOptions: object({
      level: string(),
      role: string(),
      type: string(),
      user: string(),
    }),
    seccompProfile: object(seccompProfile),
    windowsOptions: object({
      gmsaCredentialSpec: string(),
      gmsaCredentialSpecName: string(),
      hostProcess: boolean(),
      runAsUserName: string(),
    }),
  },
  nullable,
);

const pools = array(
  object({
    'name!': string({
      minLength: 1,
      maxLength: 63,
      pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
    }),
    'servers!': fixedCount('servers'),
    'persistence!': persistence,
    nodeSelector: map(string(), nullable),
    affinity: open(nullable),
    tolerations: array(
      object({
        effect: string(),
        key: string(),
        operator: string(),
        tolerationSeconds: integer(),
        value: string(),
      }),
      nullable,
    ),
    topologySpreadConstraints: array(open(), nullable),
    resources: object(
      { ...resources, claims: array(open({ required: ['name'] })) },
      nullable,
    ),
    priorityClassName: optionalString,
    securityContext: podSecurityContext,
    containerSecurityContext,
  }),
  {
    description: 'Groups of servers, each with its own volumes.',
    minItems: 1,
    maxItems: 32,
    list: { type: 'map', key: 'name' },
  },
);

const poolLifecycle = object(
  {
    pvcRetentionPolicy: string({ enum: ['Retain'] }),
    decommissionRequests: array(
      object({
        'poolName!': string({ minLength: 1, maxLength: 63 }),
        'requestId!': string({ minLength: 1, maxLength: 128 }),
        'action!': string({ enum: ['Start', 'Cancel'] }),
        reason: string({ ...nullable, maxLength: 1024 }),
        requestedAt: optionalString,
        cancelRequestedAt: optionalString,
      }),
      { maxItems: 32, list: { type: 'map', key: 'poolName' } },
    ),
  },
  nullable,
);

interface Encryption {
  enabled: boolean;
  backend: string;
  local?: {
    masterKeySecretRef?: object | null;
    allowInsecureDevDefaults?: boolean;
  } | null;
}

const encryption = object(
  {
    enabled: boolean({ default: false }),
    backend: string({ enum: ['local', 'vault'], default: 'local' }),
    defaultKeyId: optionalString,
    kmsSecret: secretName,
    local: object(
      {
        allowInsecureDevDefaults: boolean({ default: false }),
        keyDirectory: optionalString,
        masterKeySecretRef: object(
          { 'name!': requiredText, 'key!': requiredText },
          nullable,
        ),
      },
      nullable,
    ),
    vault: object({ 'endpoint!': string() }, nullable),
  },
  {
    ...nullable,
    rules: [
      {
        message:
          'Local KMS requires local.masterKeySecretRef unless local.allowInsecureDevDefaults is true',
        holds: ({ enabled, backend, local }: Encryption) =>
          !enabled ||
          backend !== 'local' ||
          Boolean(local?.masterKeySecretRef) ||
          local?.allowInsecureDevDefaults === true,
      },
    ],
  },
);

const caSecret = object(
  { 'name!': string(), key: string({ default: 'ca.crt' }) },
  nullable,
);
const caTrust = object(
  {
    caSecretRef: caSecret,
    clientCaSecretRef: caSecret,
    source: string({
      enum: ['CertificateSecretCa', 'SecretRef', 'SystemCa'],
      default: 'CertificateSecretCa',
    }),
    trustLeafCertificateAsCa: boolean({ default: false }),
    trustSystemCa: boolean({ default: false }),
  },
  nullable,
);
const certManagerFields = {
  caTrust,
  certificateName: optionalString,
  commonName: optionalString,
  dnsNames: array(string()),
  duration: optionalString,
  includeGeneratedDnsNames: boolean(nullable),
  issuerRef: object(
    {
      'name!': string(),
      kind: string({ default: 'Issuer' }),
      group: string({ default: 'cert-manager.io' }),
    },
    nullable,
  ),
  manageCertificate: boolean({ default: false }),
  privateKey: object(
    {
      algorithm: optionalString,
      encoding: optionalString,
      rotationPolicy: optionalString,
      size: integer(nullable),
    },
    nullable,
  ),
  renewBefore: optionalString,
  secretName: optionalString,
  secretType: optionalString,
  usages: array(string()),
};

const tls = object(
  {
    mode: string({
      enum: ['disabled', 'external', 'certManager'],
      default: 'disabled',
    }),
    mountPath: string({ default: '/var/run/rustfs/tls' }),
    rotationStrategy: string({
      enum: ['Rollout', 'HotReload'],
      default: 'Rollout',
    }),
    enableInternodeHttps: boolean({ default: false }),
    requireSanMatch: boolean({ default: true }),
    caTrust,
    certManager: object(certManagerFields, nullable),
    certificates: array(
      object({
        'name!': string(),
        'certManager!': object(certManagerFields),
        default: boolean({ default: false }),
        hosts: array(string()),
      }),
    ),
  },
  nullable,
);

const spec = object(
  {
    'pools!': pools,
    buckets,
    users,
    policies,
    poolLifecycle,
    image: string({
      ...nullable,
      description:
        'Image of the server; the operator has a default of its own.',
    }),
    imagePullPolicy: string({
      ...nullable,
      enum: ['Always', 'Never', 'IfNotPresent'],
    }),
    imagePullSecret: secretName,
    credsSecret: object(
      { 'name!': string() },
      {
        ...nullable,
        description:
          'Secret with the root credentials; nothing is provisioned without it.',
      },
    ),
    rpcSecret: object(
      {
        'name!': requiredText,
        'key!': requiredText,
      },
      nullable,
    ),
    env: array(
      object({ 'name!': string(), value: string(), valueFrom: open() }),
    ),
    mountPath: string({ ...nullable, default: '/data' }),
    scheduler: optionalString,
    serviceAccountName: optionalString,
    createServiceAccountRbac: boolean(nullable),
    priorityClassName: optionalString,
    podManagementPolicy: string({
      ...nullable,
      enum: ['OrderedReady', 'Parallel'],
    }),
    podDeletionPolicyWhenNodeIsDown: string({
      ...nullable,
      enum: [
        'DoNothing',
        'Delete',
        'ForceDelete',
        'DeleteStatefulSetPod',
        'DeleteDeploymentPod',
        'DeleteBothStatefulSetAndDeploymentPod',
      ],
    }),
    lifecycle: object({ postStart: open(), preStop: open() }, nullable),
    securityContext: podSecurityContext,
    containerSecurityContext,
    logging: object(
      {
        mode: string({
          enum: ['stdout', 'emptydir', 'persistent'],
          default: 'stdout',
        }),
        mountPath: optionalString,
        storageClass: optionalString,
        storageSize: optionalString,
      },
      nullable,
    ),
    encryption,
    tls,
  },
  { description: 'What the deployment is meant to be.' },
);

const provisionedItem = {
  'name!': string(),
  'state!': string(),
  'reason!': string(),
  message: optionalString,
  lastTransitionTime: optionalString,
  desiredHash: optionalString,
  lastAppliedHash: optionalString,
  lastAppliedGeneration: integer(nullable),
  lastAppliedAccessKeyHash: optionalString,
  observedSecretName: optionalString,
  observedSecretResourceVersion: optionalString,
  policies: array(string()),
  region: optionalString,
  objectLock: boolean(nullable),
};

const resourceReference = object(
  {
    'name!': string(),
    key: optionalString,
    resourceVersion: optionalString,
  },
  nullable,
);

const status = object(
  {
    'currentState!': string(),
    'availableReplicas!': integer(),
    observedGeneration: integer(nullable),
    conditions: array(
      object({
        'type!': string(),
        'status!': string(),
        'reason!': string(),
        'message!': string(),
        lastTransitionTime: optionalString,
        observedGeneration: integer(nullable),
      }),
    ),
    'pools!': array(
      object({
        name: optionalString,
        'ssName!': string(),
        'state!': string(),
        workloadState: optionalString,
        lifecycleState: string({
          ...nullable,
          enum: [
            'Active',
            'Decommissioning',
            'Decommissioned',
            'DecommissionCanceled',
            'DecommissionFailed',
          ],
        }),
        decommission: open(nullable),
        replicas: integer(nullable),
        readyReplicas: integer(nullable),
        currentReplicas: integer(nullable),
        updatedReplicas: integer(nullable),
        currentRevision: optionalString,
        updateRevision: optionalString,
        lastUpdateTime: optionalString,
      }),
    ),
    certificates: object({
      tls: object(
        {
          'mode!': string(),
          'ready!': boolean(),
          mountPath: optionalString,
          rotationStrategy: optionalString,
          trustSource: optionalString,
          managedCertificate: boolean(nullable),
          serverSecretRef: resourceReference,
          caSecretRef: resourceReference,
          clientCaSecretRef: resourceReference,
          certificateRef: open(nullable),
          certificates: array(open({ required: ['name', 'serverSecretRef'] })),
          dnsNames: array(string()),
          ipAddresses: array(string()),
          notBefore: optionalString,
          notAfter: optionalString,
          expiresInSeconds: integer(nullable),
          sanMatched: boolean(nullable),
          observedHash: optionalString,
          lastValidatedTime: optionalString,
          lastRolloutTriggerTime: optionalString,
          lastErrorReason: optionalString,
          lastErrorMessage: optionalString,
        },
        nullable,
      ),
    }),
    provisioning: object({
      observedGeneration: integer(nullable),
      phase: string({ ...nullable, enum: ['Pending', 'Ready', 'Failed'] }),
      policies: array(object(provisionedItem)),
      buckets: array(object(provisionedItem)),
      users: array(
        object({
          ...provisionedItem,
          ownership: object(
            {
              'state!': string({ enum: ['PendingCreate', 'Managed'] }),
              'tenantUid!': string(),
              'userName!': string(),
              'accessKeyHash!': string(),
            },
            nullable,
          ),
        }),
      ),
    }),
  },
  { ...nullable, description: 'What the operator has seen and done.' },
);

/** A RustFS deployment (`rustfs.com/v1alpha1`), below `metadata`. */
export const tenantSchema = object(
  { 'spec!': spec, status },
  { description: 'A RustFS deployment with what is provisioned on it.' },
);
