import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import { z } from 'zod';
import {
  ClusterClient,
  HELM_RELEASES,
  KubernetesObject,
  timestamp,
} from '../reconciler/kubernetes';
import { ensure } from './cluster';
import { IMAGE, NAMESPACE, TenantDefinition } from './definition';
import { CHART, chartValuesOf } from './server';

const POLL_MS = 50;

const statusSchema = z.object({
  status: z.object({ observedGeneration: z.number() }),
});

/**
 * Puts into a cluster what the helm-controller would have made of the HelmRelease of a tenant, once that is there, and
 * says so in its status. Later changes of the HelmRelease are not acted on.
 */
export async function installChart(
  client: ClusterClient,
  tenant: TenantDefinition,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const release = await waitForRelease(client, tenant.name, timeoutMs);
  for (const object of chartObjects(tenant)) {
    await ensure(client, object);
  }
  if (statusSchema.parse(release).status.observedGeneration < 0) {
    await client.mergePatch(
      HELM_RELEASES,
      { ...release.metadata, subresource: 'status' },
      { status: releasedStatus(tenant, release) },
    );
  }
}

async function waitForRelease(
  client: ClusterClient,
  name: string,
  timeoutMs: number,
): Promise<KubernetesObject> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    const release = await client.get(HELM_RELEASES, NAMESPACE, name);
    if (release) {
      return release;
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `HelmRelease ${NAMESPACE}/${name} is not there within ${
      timeoutMs / 1000
    } s: see the status of Kustomization flux-system/storage`,
  );
}

/** What the official chart makes of {@link chartValuesOf}. */
function chartObjects(tenant: TenantDefinition) {
  const { name } = tenant;
  const selector = {
    'app.kubernetes.io/name': CHART.name,
    'app.kubernetes.io/instance': name,
  };
  const named = (suffix = '') => ({
    name: `${name}${suffix}`,
    namespace: NAMESPACE,
    labels: {
      ...selector,
      'app.kubernetes.io/managed-by': 'Helm',
      'app.kubernetes.io/version': CHART.version,
      'helm.sh/chart': `${CHART.name}-${CHART.version}`,
      'helm.toolkit.fluxcd.io/name': name,
      'helm.toolkit.fluxcd.io/namespace': NAMESPACE,
    },
    annotations: {
      'meta.helm.sh/release-name': name,
      'meta.helm.sh/release-namespace': NAMESPACE,
    },
  });
  const ports = [
    { name: 'endpoint', port: 9000 },
    { name: 'console', port: 9001 },
  ];
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: named() },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: named('-config'),
      data: {
        RUSTFS_VOLUMES: `http://${name}-{0...${
          tenant.servers - 1
        }}.${name}-headless:9000/data`,
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named('-svc'),
      spec: { selector, ports },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: named('-headless'),
      spec: { selector, ports, clusterIP: 'None' },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: named(),
      spec: {
        replicas: tenant.servers,
        serviceName: `${name}-headless`,
        selector: { matchLabels: selector },
        template: {
          metadata: { labels: selector },
          spec: {
            serviceAccountName: name,
            containers: [
              {
                name: CHART.name,
                image: IMAGE,
                envFrom: [
                  { configMapRef: { name: `${name}-config` } },
                  { secretRef: { name: `${name}-root` } },
                ],
                ports: ports.map(each => ({
                  name: each.name,
                  containerPort: each.port,
                })),
              },
            ],
          },
        },
      },
    },
  ];
}

/** The status of a HelmRelease that was installed once and well. */
function releasedStatus(
  tenant: TenantDefinition,
  { metadata: { generation, name } }: KubernetesObject,
) {
  const now = timestamp();
  const configDigest = `sha256:${createHash('sha256')
    // As Go writes it: keys sorted, lists in the column of their key.
    .update(
      stringify(chartValuesOf(tenant), {
        sortMapEntries: true,
        indentSeq: false,
      }),
    )
    .digest('hex')}`;
  const says = {
    status: 'True',
    reason: 'InstallSucceeded',
    message: `Helm install succeeded for release ${NAMESPACE}/${name}.v1 with chart ${CHART.name}@${CHART.version}`,
    observedGeneration: generation,
    lastTransitionTime: now,
  };
  return {
    conditions: [
      { type: 'Ready', ...says },
      { type: 'Released', ...says },
    ],
    history: [
      {
        action: 'install',
        apiVersion: 'v2',
        appVersion: CHART.version,
        chartName: CHART.name,
        chartVersion: CHART.version,
        configDigest,
        digest: `sha256:${createHash('sha256').update(name).digest('hex')}`,
        firstDeployed: now,
        lastDeployed: now,
        name,
        namespace: NAMESPACE,
        status: 'deployed',
        version: 1,
      },
    ],
    lastAttemptedConfigDigest: configDigest,
    lastAttemptedGeneration: generation,
    lastAttemptedReleaseAction: 'install',
    lastAttemptedRevision: CHART.version,
    observedGeneration: generation,
    storageNamespace: NAMESPACE,
  };
}
