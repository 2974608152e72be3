import { ClusterSourceId } from '../config';
import { ClusterTenantSource } from './ClusterTenantSource';
import { minioOperator } from './minioOperator';
import { rustfsOperator } from './rustfsOperator';

/**
 * The sources of a cluster, in the order in which they count where two name one tenant. What the configuration names comes
 * after all of them.
 */
export const clusterSources: Record<ClusterSourceId, ClusterTenantSource> = {
  'rustfs-operator': rustfsOperator,
  'minio-operator': minioOperator,
};
