import { SandboxOptions } from '@rustfs-portal/sandbox';

/**
 * With FLUX_KUBE_API_URL and FLUX_KUBE_API_TOKEN (an administrator's) the cluster of the small world is a real one, which
 * has to be on this machine, as its Flux fetches from a forge that is started here.
 */
export function realClusters(): Pick<SandboxOptions, 'realClusters'> {
  const { FLUX_KUBE_API_URL: url, FLUX_KUBE_API_TOKEN: token } = process.env;
  return url && token ? { realClusters: { atlas: { url, token } } } : {};
}
