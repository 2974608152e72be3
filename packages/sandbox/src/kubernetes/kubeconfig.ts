import { stringify } from 'yaml';

/** A kubeconfig with one cluster, one user and one context. */
export function renderKubeconfig(options: {
  cluster: string;
  server: string;
  /** What the server identifies itself with, PEM; by default what the client trusts anyway. */
  certificate?: string;
  user: string;
  token: string;
}): string {
  const { cluster, server, certificate, user, token } = options;
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: cluster,
        cluster: {
          server,
          ...(certificate && {
            'certificate-authority-data':
              Buffer.from(certificate).toString('base64'),
          }),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  });
}
