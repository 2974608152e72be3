import { readFileSync } from 'node:fs';
import { SandboxOptions } from '@rustfs-portal/sandbox';

/**
 * With FLUX_KUBE_API_URL and FLUX_KUBE_API_TOKEN (an administrator's) a cluster of the world is a real one, which has to be
 * on this machine, as its Flux fetches from a forge that is started here.
 */
export function realClusters(
  cluster = 'atlas',
): Pick<SandboxOptions, 'realClusters'> {
  const {
    FLUX_KUBE_API_URL: url,
    FLUX_KUBE_API_TOKEN: token,
    NODE_EXTRA_CA_CERTS: authority,
  } = process.env;
  const certificate = authority && readFileSync(authority, 'utf8');
  return url && token
    ? { realClusters: { [cluster]: { url, token, certificate } } }
    : {};
}
