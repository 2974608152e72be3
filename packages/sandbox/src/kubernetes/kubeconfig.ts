import { stringify } from 'yaml';

/** A kubeconfig with one cluster, one user and one context. */
export function renderKubeconfig(options: {
  cluster: string;
  server: string;
  /** What the server identifies itself with, PEM. */
  certificate: string;
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
          'certificate-authority-data':
            Buffer.from(certificate).toString('base64'),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: cluster, context: { cluster, user } }],
    'current-context': cluster,
  });
}
