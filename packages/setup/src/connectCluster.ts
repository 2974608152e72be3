import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Environment, SERVICE_ACCOUNT } from './options';
import { EXIT, SetupError } from './SetupError';

/** How the API server is reached. */
export interface ClusterAccess {
  server: string;
  ca?: string;
  /** Read anew for each call, as Kubernetes renews it. */
  token: () => string;
}

const kubeconfigSchema = z.object({
  'current-context': z.string(),
  contexts: z.array(
    z.object({
      name: z.string(),
      context: z.object({ cluster: z.string(), user: z.string() }),
    }),
  ),
  clusters: z.array(
    z.object({
      name: z.string(),
      cluster: z.object({
        server: z.url(),
        'certificate-authority-data': z.string().optional(),
      }),
    }),
  ),
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({ token: z.string() }),
    }),
  ),
});

/** @throws SetupError when there is no way to an API server */
export function connectCluster(
  environment: Environment,
  kubeconfig: string | undefined,
): ClusterAccess {
  return kubeconfig ? fromKubeconfig(kubeconfig) : fromPod(environment);
}

function fromPod(environment: Environment): ClusterAccess {
  const host = environment.KUBERNETES_SERVICE_HOST;
  const token = join(SERVICE_ACCOUNT, 'token');
  if (!host || !existsSync(token)) {
    throw new SetupError(
      EXIT.unexpected,
      'There is no service account here: expected to run in a pod with its token mounted, or RUSTFS_SETUP_KUBECONFIG',
    );
  }
  const address = host.includes(':') ? `[${host}]` : host;
  return {
    server: `https://${address}:${environment.KUBERNETES_SERVICE_PORT || 443}`,
    ca: readFileSync(join(SERVICE_ACCOUNT, 'ca.crt'), 'utf8'),
    token: () => readFileSync(token, 'utf8').trim(),
  };
}

function fromKubeconfig(path: string): ClusterAccess {
  try {
    const config = kubeconfigSchema.parse(parse(readFileSync(path, 'utf8')));
    const { context } = find(config.contexts, config['current-context']);
    const { cluster } = find(config.clusters, context.cluster);
    const { user } = find(config.users, context.user);
    const ca = cluster['certificate-authority-data'];
    return {
      server: cluster.server,
      ca: ca && Buffer.from(ca, 'base64').toString('utf8'),
      token: () => user.token,
    };
  } catch {
    // What is wrong with it may be quoted from it.
    throw new SetupError(
      EXIT.unexpected,
      'RUSTFS_SETUP_KUBECONFIG names no file that can be used: expected a current context whose cluster has a server and whose user has a token',
    );
  }
}

function find<T extends { name: string }>(list: T[], name: string): T {
  const found = list.find(item => item.name === name);
  if (!found) {
    throw new Error('not there');
  }
  return found;
}
