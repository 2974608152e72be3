import { IMAGE, NAMESPACE, serviceUrlOf, TenantDefinition } from './definition';
import { rootCredentialsOf } from './identities';
import { encryptedSecret, writeManifests } from './manifests';
import { WorldState } from './WorldState';

/** The chart that the company takes its servers from. */
export const CHART = { name: 'rustfs', version: '1.0.1' };

/** The values with which a HelmRelease installs a server. */
export function chartValuesOf(tenant: TenantDefinition) {
  return {
    // Else the chart would call everything `<release>-rustfs`.
    fullnameOverride: tenant.name,
    image: { rustfs: { tag: CHART.version } },
    mode: { distributed: { enabled: true }, standalone: { enabled: false } },
    replicaCount: tenant.servers,
    secret: { existingSecret: `${tenant.name}-root` },
  };
}

/** The files of a server that no operator runs, by path in the folder of the storage. */
export async function renderServer(
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Promise<Record<string, string>> {
  const { name } = tenant;
  return {
    ...(tenant.installed === 'chart' ? chartFiles(tenant) : bareFiles(tenant)),
    [rootSecretPathOf(tenant)]: await encryptedSecret({
      name: `${name}-root`,
      namespace: NAMESPACE,
      data: rootSecretData(tenantRef, state),
      state,
    }),
  };
}

export function rootSecretPathOf({ name }: TenantDefinition): string {
  return `secrets/${name}-root.sops.yaml`;
}

/** The root credentials of a server as its Secret has them. */
export function rootSecretData(
  tenantRef: string,
  state: WorldState,
): Record<string, string> {
  const root = rootCredentialsOf(state, tenantRef);
  return {
    RUSTFS_ACCESS_KEY: root.accessKey,
    RUSTFS_SECRET_KEY: root.secretKey,
  };
}

function chartFiles(tenant: TenantDefinition): Record<string, string> {
  const { comment, name } = tenant;
  return {
    [`${name}/chart.yaml`]: writeManifests('Mirrored by the platform team.', {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'OCIRepository',
      metadata: { name: CHART.name, namespace: NAMESPACE },
      spec: {
        interval: '1h',
        url: `oci://charts.acme.example/${CHART.name}`,
        ref: { tag: CHART.version },
      },
    }),
    [`${name}/helmrelease.yaml`]: writeManifests(comment, {
      apiVersion: 'helm.toolkit.fluxcd.io/v2',
      kind: 'HelmRelease',
      metadata: { name, namespace: NAMESPACE },
      spec: {
        interval: '30m',
        chartRef: { kind: 'OCIRepository', name: CHART.name },
        upgrade: { remediation: { retries: 3, strategy: 'rollback' } },
        values: chartValuesOf(tenant),
      },
    }),
  };
}

function bareFiles(tenant: TenantDefinition): Record<string, string> {
  const { comment, name, volumesPerServer } = tenant;
  const labels = { app: name };
  const metadata = { name, namespace: NAMESPACE, labels };
  return {
    [`${name}/server.yaml`]: writeManifests(
      comment,
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata,
        spec: {
          replicas: 1,
          strategy: { type: 'Recreate' },
          selector: { matchLabels: labels },
          template: {
            metadata: { labels },
            spec: {
              containers: [
                {
                  name: 'server',
                  image: IMAGE,
                  env: [
                    {
                      name: 'RUSTFS_VOLUMES',
                      value: `/data/disk{1...${volumesPerServer}}`,
                    },
                  ],
                  envFrom: [{ secretRef: { name: `${name}-root` } }],
                  ports: [{ containerPort: 9000 }, { containerPort: 9001 }],
                  volumeMounts: [{ name: 'disks', mountPath: '/data' }],
                },
              ],
              volumes: [{ name: 'disks', hostPath: { path: '/mnt/cold' } }],
            },
          },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'Service',
        metadata,
        spec: {
          selector: labels,
          ports: [
            { name: 's3', port: Number(new URL(serviceUrlOf(tenant)).port) },
            { name: 'console', port: 9001 },
          ],
        },
      },
    ),
  };
}
