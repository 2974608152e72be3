import { InputError } from '@backstage/errors';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterConfig } from '../../config';

/** Loads what is needed to talk to a cluster; a file that cannot be used stops the start. */
export function loadKubeConfig(cluster: ClusterConfig): KubeConfig {
  const { connection, name } = cluster;
  const kubeConfig = new KubeConfig();
  switch (connection.kind) {
    case 'inCluster':
      kubeConfig.loadFromCluster();
      break;
    case 'token':
      kubeConfig.loadFromClusterAndUser(
        {
          name,
          server: connection.url,
          caData: connection.caData,
          skipTLSVerify: connection.skipTLSVerify,
        },
        { name: 'portal', token: connection.token },
      );
      break;
    default:
      try {
        kubeConfig.loadFromFile(connection.path);
        if (connection.context) {
          kubeConfig.setCurrentContext(connection.context);
        }
      } catch {
        // The parser's message may quote the file, which holds credentials.
        throw new InputError(
          `Configuration rustfs.clusters: the kubeconfig of cluster ${name} cannot be read: expected a readable YAML file at ${connection.path}`,
        );
      }
  }
  const target = kubeConfig.getCurrentCluster();
  if (!target || !URL.canParse(target.server)) {
    throw new InputError(
      `Configuration rustfs.clusters: cluster ${name} has no API server: expected a current context whose cluster has an address`,
    );
  }
  if (target.server.startsWith('http:')) {
    // The library refuses addresses without TLS unless it is told that there is nothing to verify.
    kubeConfig.clusters = kubeConfig.clusters.map(entry =>
      entry.name === target.name ? { ...entry, skipTLSVerify: true } : entry,
    );
  }
  return kubeConfig;
}
