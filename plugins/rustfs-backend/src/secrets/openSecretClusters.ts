import { SecretCluster } from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig } from '../config';
import {
  ClusterConnection,
  ClusterError,
  KubernetesReader,
  ServedSchemas,
} from '../kubernetes';
import { ClusterLister } from '../sources/ClusterLister';

/**
 * The clusters of `rustfs.clusters`, as writers of Secrets may ask them; by name.
 *
 * @throws InputError when the configuration cannot be used
 */
export function openSecretClusters(
  clusters: ClusterConfig[],
): Map<string, SecretCluster> {
  return new Map(
    clusters.map(config => [
      config.name,
      toSecretCluster(
        new KubernetesReader({
          cluster: config.name,
          connection: ClusterConnection.create(config),
          timeoutMs: config.transport.timeoutMs,
        }),
      ),
    ]),
  );
}

function toSecretCluster(reader: KubernetesReader): SecretCluster {
  const { cluster } = reader;
  return {
    cluster,
    list: (kind, namespaces) =>
      new ClusterLister(reader, new ServedSchemas(reader)).list(
        kind,
        namespaces,
      ),
    async getFromService({ name, namespace, path, port }) {
      const { isVerified, status, text } = await reader.getText(
        `/api/v1/namespaces/${namespace}/services/http:${name}:${port}/proxy${path}`,
        `Service ${namespace}/${name}`,
      );
      switch (status) {
        case 200:
          // Who answers in its place would be the one who can read what is sealed.
          return isVerified
            ? { text }
            : {
                missing: 'trust',
                message: `The portal reaches the API server of cluster ${cluster} over http or without looking at its certificate, so what Service ${namespace}/${name} says may be from anybody, and nothing is sealed for it. Give the cluster https and a certificate authority in rustfs.clusters in place of skipTLSVerify; or use certificateFile or certificateUrl`,
              };
        case 404:
          return {
            missing: 'service',
            message: `Cluster ${cluster} has no Service ${namespace}/${name} that answers at ${path}`,
          };
        case 401:
          throw new ClusterError({
            code: 'cluster-denied',
            message: `Cluster ${cluster} does not accept the portal's credentials`,
            hint: 'Renew the token or the kubeconfig of this cluster in rustfs.clusters.',
          });
        case 403:
          return {
            missing: 'right',
            message: `Cluster ${cluster} does not let the portal ask Service ${namespace}/${name}: grant get on services/proxy with the resource name http:${name}:${port} to the portal's account`,
          };
        default:
          throw new ClusterError({
            code: 'cluster-unreachable',
            message: `Service ${namespace}/${name} of cluster ${cluster} does not answer through the API server, which says ${status}`,
            hint: 'See that the Pods behind it run; what waits for it goes on by itself.',
          });
      }
    },
  };
}
