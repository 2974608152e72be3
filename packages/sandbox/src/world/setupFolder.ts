import {
  PROVISIONER_SECRET,
  serviceUrlOf,
  SETUP_IMAGE,
  setupNamespaceOf,
  TenantDefinition,
} from './definition';
import { provisionerCredentialsOf } from './identities';
import { encryptedSecret, writeManifests } from './manifests';
import { WorldState } from './WorldState';

/** The Secret with the key of the program, in the setup folder. */
export const PROVISIONER_FILE = 'provisioner.sops.yaml';

const KEY_FOLDER = '/etc/rustfs-setup/key';

/**
 * What switches self-service on for a tenant without operator, as the portal asks for it and the platform team has merged
 * it: the setup program with the least rights, and its key; by path in the setup folder.
 */
export async function renderSetup(
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Promise<Record<string, string>> {
  const namespace = setupNamespaceOf(tenant);
  const name = `rustfs-setup-${tenant.name}`;
  const managed = { 'app.kubernetes.io/managed-by': 'rustfs-portal' };
  const podLabels = {
    'app.kubernetes.io/name': 'rustfs-setup',
    'app.kubernetes.io/instance': tenant.name,
  };
  const metadata = { name, namespace, labels: { ...managed, ...podLabels } };
  const rbac = 'rbac.authorization.k8s.io';
  return {
    'namespace.yaml': writeManifests(
      'The setup program may list every Secret in here: nothing else belongs into this namespace.',
      {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {
          name: namespace,
          labels: {
            ...managed,
            'pod-security.kubernetes.io/enforce': 'restricted',
          },
        },
      },
    ),
    'status.yaml': writeManifests('The setup program alone writes the data.', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name,
        namespace,
        labels: {
          ...managed,
          'rustfs-portal/record': 'status',
          'rustfs-portal/tenant': tenant.name,
        },
      },
    }),
    'rights.yaml': writeManifests(
      'To list what is declared here, and to say what became of it.',
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        metadata,
        automountServiceAccountToken: false,
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'Role',
        metadata,
        rules: [
          {
            apiGroups: [''],
            resources: ['configmaps', 'secrets'],
            verbs: ['list'],
          },
          {
            apiGroups: [''],
            resources: ['configmaps'],
            resourceNames: [name],
            verbs: ['get', 'patch'],
          },
        ],
      },
      {
        apiVersion: `${rbac}/v1`,
        kind: 'RoleBinding',
        metadata,
        roleRef: { apiGroup: rbac, kind: 'Role', name },
        subjects: [{ kind: 'ServiceAccount', name, namespace }],
      },
    ),
    'cron-job.yaml': writeManifests(
      `Makes the server of ${tenantRef} agree with the records and keys in this folder.`,
      {
        apiVersion: 'batch/v1',
        kind: 'CronJob',
        metadata,
        spec: {
          schedule: '* * * * *',
          concurrencyPolicy: 'Forbid',
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            spec: {
              backoffLimit: 0,
              activeDeadlineSeconds: 300,
              template: {
                metadata: { labels: podLabels },
                spec: podOf(tenant, name),
              },
            },
          },
        },
      },
    ),
    [PROVISIONER_FILE]: await encryptedSecret({
      name: PROVISIONER_SECRET,
      namespace,
      data: provisionerSecretData(tenant, tenantRef, state),
      state,
    }),
  };
}

/** The key of the setup program as its Secret has it. */
export function provisionerSecretData(
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Record<string, string> {
  const { accessKey, secretKey } = provisionerCredentialsOf(
    state,
    tenantRef,
    tenant,
  );
  return { accesskey: accessKey, secretkey: secretKey };
}

function podOf(tenant: TenantDefinition, serviceAccountName: string): object {
  return {
    serviceAccountName,
    automountServiceAccountToken: true,
    restartPolicy: 'Never',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 65532,
      fsGroup: 65532,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'setup',
        image: SETUP_IMAGE,
        env: [
          { name: 'RUSTFS_ENDPOINT', value: serviceUrlOf(tenant) },
          { name: 'RUSTFS_ACCESS_KEY_FILE', value: `${KEY_FOLDER}/accesskey` },
          { name: 'RUSTFS_SECRET_KEY_FILE', value: `${KEY_FOLDER}/secretkey` },
          { name: 'RUSTFS_SETUP_TENANT', value: tenant.name },
          {
            name: 'RUSTFS_SETUP_NAMESPACE',
            value: setupNamespaceOf(tenant),
          },
        ],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        },
        volumeMounts: [{ name: 'key', mountPath: KEY_FOLDER, readOnly: true }],
      },
    ],
    volumes: [
      {
        name: 'key',
        secret: { secretName: PROVISIONER_SECRET, defaultMode: 288 },
      },
    ],
  };
}
