import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { EngineCluster } from '@rustfs-portal/plugin-rustfs-node';
import { ClusterError, KubernetesReader } from '../kubernetes';

/**
 * A cluster as an engine reads it. Engines only say where a tenant comes from: a cluster that lacks one, or a portal that may
 * not see it, is still of use.
 *
 * @param options - `reader`: of the cluster in which the engine runs; `problems`: gets what could not be read
 */
export function openEngineCluster(options: {
  reader: KubernetesReader;
  destination: EngineCluster['destination'];
  namespace?: string;
  problems: Problem[];
}): EngineCluster {
  const { destination, namespace, problems, reader } = options;
  return {
    name: reader.cluster,
    destination,
    namespace,
    async list({ api, query = '', resource }) {
      try {
        return await reader.list(`${api}/${resource}${query}`, resource);
      } catch (error) {
        if (!(error instanceof ClusterError)) {
          throw error;
        }
        problems.push({
          // A code of its own: tenants, buckets and their owners are known all the same.
          code: 'gitops-unreadable',
          // Whose tenants they are is not known, wherever the engine runs.
          part: destination.cluster,
          message: error.message,
          hint: error.hint,
        });
        return undefined;
      }
    },
  };
}
