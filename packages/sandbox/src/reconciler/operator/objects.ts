import { KubernetesObject, parseObject } from '../kubernetes';
import { statefulSetName } from './status';
import { TenantSpec } from './types';

const DEFAULT_IMAGE = 'rustfs/rustfs:1.0.0-beta.10';

/**
 * The objects that the operator makes for a Tenant: a ServiceAccount, three Services and a StatefulSet per pool.
 */
export function objectsOf(
  tenant: KubernetesObject,
  spec: TenantSpec,
): KubernetesObject[] {
  const { name, namespace, uid } = tenant.metadata;
  const labels = {
    'app.kubernetes.io/instance': name,
    'app.kubernetes.io/managed-by': 'rustfs-operator',
    'app.kubernetes.io/name': 'rustfs',
    'rustfs.tenant': name,
  };
  const owned = (
    suffix: string,
    extraLabels: Record<string, string> = {},
  ): KubernetesObject['metadata'] => ({
    name: `${name}-${suffix}`,
    namespace,
    labels: { ...labels, ...extraLabels },
    ownerReferences: [
      {
        apiVersion: tenant.apiVersion,
        kind: tenant.kind,
        name,
        uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ],
  });
  const service = (
    suffix: string,
    port: { name: string; port: number },
    more: object = {},
  ) =>
    parseObject({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: owned(suffix),
      spec: {
        type: 'ClusterIP',
        ports: [{ ...port, protocol: 'TCP', targetPort: port.port }],
        selector: { 'rustfs.tenant': name },
        ...more,
      },
    });
  const s3 = { name: 'http-rustfs', port: 9000 };

  return [
    parseObject({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: owned('sa'),
      automountServiceAccountToken: false,
    }),
    service('io', s3),
    service('hl', s3, { clusterIP: 'None', publishNotReadyAddresses: true }),
    service('console', { name: 'http-console', port: 9001 }),
    ...spec.pools.map(pool => {
      const podLabels = {
        ...labels,
        'app.kubernetes.io/component': 'storage',
        'rustfs.pool': pool.name,
      };
      return parseObject({
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        metadata: {
          ...owned(pool.name, podLabels),
          name: statefulSetName(name, pool),
        },
        spec: {
          replicas: pool.servers,
          serviceName: `${name}-hl`,
          selector: {
            matchLabels: { 'rustfs.tenant': name, 'rustfs.pool': pool.name },
          },
          template: {
            metadata: { labels: podLabels },
            spec: {
              serviceAccountName: `${name}-sa`,
              containers: [
                {
                  name: 'rustfs',
                  image: spec.image ?? DEFAULT_IMAGE,
                  ports: [
                    { name: 'http', containerPort: 9000 },
                    { name: 'console', containerPort: 9001 },
                  ],
                },
              ],
            },
          },
        },
      });
    }),
  ];
}
