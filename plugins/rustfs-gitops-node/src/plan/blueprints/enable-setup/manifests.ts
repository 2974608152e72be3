import { createHash } from 'node:crypto';
import {
  LABEL_RECORD,
  LABEL_TENANT,
  setupStatusName,
} from '@rustfs-portal/plugin-rustfs-common';
import { LABELS } from '../../layouts/shared/manifests';
import { Input } from './input';

type Manifest = Record<string, unknown>;

/**
 * What is lost when it is taken away is not in Git: the Namespace takes the key of the program with it, and whatever
 * somebody else has put there; the status says which buckets and users the program has made.
 */
function keptBy({ keep }: Input['engine']) {
  return keep && { annotations: keep };
}

/** The labels by which the Pods of the program are found. */
export function podLabelsOf({ tenant }: Input): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'rustfs-setup',
    'app.kubernetes.io/instance': tenant.name,
  };
}

/** A CronJob needs eleven characters of a name for its Jobs. */
const MAX_CRON_JOB_NAME = 52;

/** The name of everything that belongs to the program. */
export function programNameOf({ tenant }: Input): string {
  const name = `rustfs-setup-${tenant.name}`;
  if (name.length <= MAX_CRON_JOB_NAME) {
    return name;
  }
  const digest = createHash('sha256').update(tenant.name).digest('hex');
  return `${name
    .slice(0, MAX_CRON_JOB_NAME - 9)
    .replace(/-+$/, '')}-${digest.slice(0, 8)}`;
}

function metadataOf(input: Input, name = programNameOf(input)) {
  return {
    name,
    namespace: input.namespace,
    labels: { ...LABELS, ...podLabelsOf(input) },
  };
}

/** Refuses Pods that could do more than this program has to. */
export function namespaceOf({ engine, namespace }: Input): Manifest {
  const level = 'restricted';
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        ...LABELS,
        'pod-security.kubernetes.io/enforce': level,
        'pod-security.kubernetes.io/audit': level,
        'pod-security.kubernetes.io/warn': level,
      },
      ...keptBy(engine),
    },
  };
}

export function serviceAccountOf(input: Input): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: metadataOf(input),
    automountServiceAccountToken: false,
  };
}

/** No right to list can be limited to a label: that is why the namespace holds nothing else. */
export function roleOf(input: Input): Manifest {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: metadataOf(input),
    rules: [
      {
        apiGroups: [''],
        resources: ['configmaps', 'secrets'],
        verbs: ['list'],
      },
      {
        apiGroups: [''],
        resources: ['configmaps'],
        resourceNames: [setupStatusName(input.tenant.name)],
        verbs: ['get', 'patch'],
      },
    ],
  };
}

export function roleBindingOf(input: Input): Manifest {
  const name = programNameOf(input);
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: metadataOf(input),
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'Role',
      name,
    },
    subjects: [{ kind: 'ServiceAccount', name, namespace: input.namespace }],
  };
}

/** Without `data`: what the program writes there is not Git's, so that no engine puts it back. */
export function statusOf(input: Input): Manifest {
  const { engine, tenant, namespace } = input;
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: setupStatusName(tenant.name),
      namespace,
      labels: {
        ...LABELS,
        [LABEL_RECORD]: 'status',
        [LABEL_TENANT]: tenant.name,
      },
      ...keptBy(engine),
    },
  };
}

const KEY_FOLDER = '/etc/rustfs-setup/key';
const CA_FOLDER = '/etc/rustfs-setup/ca';

/** Not root, and the owner of nothing in the image. */
const USER = 65532;

export function cronJobOf(input: Input): Manifest {
  const { ca, endpoint, image, key, namespace, tenant } = input;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadataOf(input),
    spec: {
      schedule:
        input.periodMinutes === 1
          ? '* * * * *'
          : `*/${input.periodMinutes} * * * *`,
      concurrencyPolicy: 'Forbid',
      // A scheduler that was away for long would give up otherwise.
      startingDeadlineSeconds: 200,
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          // The next run is the next try.
          backoffLimit: 0,
          activeDeadlineSeconds: 300,
          template: {
            metadata: { labels: podLabelsOf(input) },
            spec: {
              serviceAccountName: programNameOf(input),
              automountServiceAccountToken: true,
              restartPolicy: 'Never',
              securityContext: {
                runAsNonRoot: true,
                runAsUser: USER,
                runAsGroup: USER,
                fsGroup: USER,
                seccompProfile: { type: 'RuntimeDefault' },
              },
              containers: [
                {
                  name: 'setup',
                  image,
                  env: [
                    { name: 'RUSTFS_ENDPOINT', value: endpoint },
                    {
                      name: 'RUSTFS_ACCESS_KEY_FILE',
                      value: `${KEY_FOLDER}/accesskey`,
                    },
                    {
                      name: 'RUSTFS_SECRET_KEY_FILE',
                      value: `${KEY_FOLDER}/secretkey`,
                    },
                    ...(ca
                      ? [
                          {
                            name: 'RUSTFS_CA_FILE',
                            value: `${CA_FOLDER}/ca.crt`,
                          },
                        ]
                      : []),
                    { name: 'RUSTFS_SETUP_TENANT', value: tenant.name },
                    { name: 'RUSTFS_SETUP_NAMESPACE', value: namespace },
                  ],
                  securityContext: {
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ['ALL'] },
                  },
                  resources: {
                    requests: { cpu: '10m', memory: '64Mi' },
                    limits: { memory: '256Mi' },
                  },
                  volumeMounts: [
                    { name: 'key', mountPath: KEY_FOLDER, readOnly: true },
                    ...(ca
                      ? [{ name: 'ca', mountPath: CA_FOLDER, readOnly: true }]
                      : []),
                  ],
                },
              ],
              volumes: [
                {
                  name: 'key',
                  secret: {
                    secretName: key.secret,
                    // 0440: the group of the Pod reads it, nobody writes it.
                    defaultMode: 288,
                    items: [
                      { key: key.accessKey, path: 'accesskey' },
                      { key: key.secretKey, path: 'secretkey' },
                    ],
                  },
                },
                ...(ca ? [caVolumeOf(ca)] : []),
              ],
            },
          },
        },
      },
    },
  };
}

function caVolumeOf({ kind, name, key }: NonNullable<Input['ca']>): Manifest {
  const items = [{ key, path: 'ca.crt' }];
  return {
    name: 'ca',
    ...(kind === 'Secret'
      ? { secret: { secretName: name, items } }
      : { configMap: { name, items } }),
  };
}

/** The object of the GitOps engine that applies the folder. */
export function applierOf({ engine, folder }: Input): Manifest {
  return withFolder(engine.manifest, folder) as Manifest;
}

function withFolder(value: unknown, folder: string): unknown {
  if (typeof value === 'string') {
    return value.split('{folder}').join(folder);
  }
  if (Array.isArray(value)) {
    return value.map(item => withFolder(item, folder));
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          withFolder(item, folder),
        ]),
      )
    : value;
}

/** The Secret that somebody has to make: the portal never sees the key. */
export function keySecretOf({ key, namespace }: Input): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: key.secret, namespace },
    type: 'Opaque',
    stringData: {
      [key.accessKey]: '<access key of the program>',
      [key.secretKey]: '<its secret>',
    },
  };
}
