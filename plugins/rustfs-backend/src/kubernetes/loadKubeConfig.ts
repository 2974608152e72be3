import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import tls from 'node:tls';
import { InputError } from '@backstage/errors';
import { Cluster, KubeConfig, User } from '@kubernetes/client-node';
import { readCertificates } from '@rustfs-portal/plugin-rustfs-client';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterConfig } from '../config';

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
/** Those that the library knows; Kubernetes itself only keeps the last one. */
const AUTH_PROVIDERS = ['azure', 'gcp', 'oidc'];

/** What of a kubeconfig the library does not read. */
const tokenFilesSchema = z.object({
  users: z.array(
    z.object({
      name: z.string(),
      user: z.object({ tokenFile: z.string().optional() }).nullish(),
    }),
  ),
});

/**
 * Loads what is needed to talk to a cluster.
 *
 * @throws InputError when that cannot be used, with what is expected and without what the file holds
 */
export function loadKubeConfig(cluster: ClusterConfig): KubeConfig {
  const kubeConfig = connect(cluster);
  const target = kubeConfig.getCurrentCluster();
  if (!target || !URL.canParse(target.server)) {
    throw wrong(
      cluster,
      'has no API server: expected a current context whose cluster has an address',
    );
  }
  const user = kubeConfig.getCurrentUser();
  if (cluster.connection.kind === 'kubeconfig') {
    checkAuthority(cluster, target);
    checkUser(cluster, target, user);
  }
  if (target.server.startsWith('http:')) {
    // The library refuses addresses without TLS unless it is told that there is nothing to verify.
    kubeConfig.clusters = kubeConfig.clusters.map(entry =>
      entry.name === target.name ? { ...entry, skipTLSVerify: true } : entry,
    );
  }
  return kubeConfig;
}

function connect(cluster: ClusterConfig): KubeConfig {
  const { connection, name } = cluster;
  const kubeConfig = new KubeConfig();
  switch (connection.kind) {
    case 'inCluster':
      checkPod(cluster);
      kubeConfig.loadFromCluster();
      return kubeConfig;
    case 'token':
      kubeConfig.loadFromClusterAndUser(
        {
          name,
          server: connection.url,
          skipTLSVerify: connection.skipTLSVerify,
        },
        { name: 'portal', token: connection.token },
      );
      return kubeConfig;
    default:
      return readFile(cluster, connection);
  }
}

function readFile(
  cluster: ClusterConfig,
  { path, context }: { path: string; context?: string },
): KubeConfig {
  const kubeConfig = new KubeConfig();
  let tokenFiles: Map<string, string>;
  try {
    const text = readFileSync(path, 'utf8');
    kubeConfig.loadFromString(text);
    kubeConfig.makePathsAbsolute(dirname(path));
    tokenFiles = new Map(
      tokenFilesSchema
        .parse(parse(text))
        .users.flatMap(({ name, user }) =>
          user?.tokenFile
            ? [[name, resolve(dirname(path), user.tokenFile)]]
            : [],
        ),
    );
  } catch {
    // The parser's message may quote the file, which holds credentials.
    throw wrong(
      cluster,
      `cannot be read: expected a readable kubeconfig in YAML at ${path}`,
    );
  }
  if (context) {
    const known = kubeConfig.getContexts().map(entry => entry.name);
    if (!known.includes(context)) {
      throw wrong(
        cluster,
        `has no context ${context} in its kubeconfig: expected one of ${known.join(
          ', ',
        )}`,
      );
    }
    kubeConfig.setCurrentContext(context);
  }
  kubeConfig.users = kubeConfig.users.map(user => {
    const tokenFile = tokenFiles.get(user.name);
    return tokenFile
      ? {
          ...user,
          // It goes before a token that stands in the kubeconfig, as for kubectl.
          token: undefined,
          authProvider: { name: 'tokenFile', config: { tokenFile } },
        }
      : user;
  });
  return kubeConfig;
}

function checkPod(cluster: ClusterConfig) {
  const { KUBERNETES_SERVICE_HOST, KUBERNETES_SERVICE_PORT } = process.env;
  const missing = [
    ...(KUBERNETES_SERVICE_HOST && KUBERNETES_SERVICE_PORT
      ? []
      : [
          'the environment variables KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT',
        ]),
    ...['token', 'ca.crt']
      .map(file => `${SERVICE_ACCOUNT}/${file}`)
      .filter(file => !existsSync(file)),
  ];
  if (missing.length > 0) {
    throw wrong(
      cluster,
      `has inCluster: true, which is for a backend that runs in a pod with a service account: expected ${missing.join(
        ', ',
      )}. In a pod, see that automountServiceAccountToken is not false; elsewhere use kubeconfig, or url with token`,
    );
  }
}

function checkAuthority(cluster: ClusterConfig, { caFile, caData }: Cluster) {
  try {
    if (caFile ?? caData) {
      readCertificates(
        caFile
          ? readFileSync(caFile, 'utf8')
          : Buffer.from(caData!, 'base64').toString('utf8'),
      );
    }
  } catch {
    throw wrong(
      cluster,
      `has a certificate-authority in its kubeconfig that cannot be used: expected ${
        caFile ? `a readable file at ${caFile}` : 'base64 of it'
      }, with certificates in PEM`,
    );
  }
}

function checkUser(cluster: ClusterConfig, target: Cluster, user: User | null) {
  const provider = user?.authProvider;
  const file: unknown = provider?.config?.tokenFile;
  if (typeof file === 'string') {
    if (!existsSync(file)) {
      throw wrong(
        cluster,
        `has a tokenFile in its kubeconfig that is not there: expected a readable file at ${file}`,
      );
    }
    return;
  }
  if (provider && !AUTH_PROVIDERS.includes(provider.name)) {
    throw wrong(
      cluster,
      `has the auth-provider ${
        provider.name
      } in its kubeconfig, which is not known: expected exec, or one of ${AUTH_PROVIDERS.join(
        ', ',
      )}`,
    );
  }
  checkCertificate(cluster, user);
  const hasCredentials =
    user?.token ||
    user?.certData ||
    user?.certFile ||
    (user?.username && user.password) ||
    user?.exec?.command ||
    provider;
  // Without TLS it is the door of a `kubectl proxy`, which has credentials of its own.
  if (!hasCredentials && target.server.startsWith('https:')) {
    throw wrong(
      cluster,
      'has no usable credentials in its kubeconfig: expected a user in the context with token, tokenFile, client-certificate and client-key, username and password, exec or auth-provider',
    );
  }
}

function checkCertificate(cluster: ClusterConfig, user: User | null) {
  const { certData, certFile, keyData, keyFile } = user ?? {};
  if (!certData && !certFile && !keyData && !keyFile) {
    return;
  }
  try {
    const read = (file?: string, data?: string) =>
      file ? readFileSync(file) : Buffer.from(data ?? '', 'base64');
    tls.createSecureContext({
      cert: readCertificates(read(certFile, certData).toString()),
      key: read(keyFile, keyData),
    });
  } catch {
    throw wrong(
      cluster,
      'has a client-certificate or client-key in its kubeconfig that cannot be used: expected both in PEM, the key being that of the certificate',
    );
  }
}

function wrong({ name }: ClusterConfig, what: string) {
  return new InputError(
    `Configuration rustfs.clusters is wrong: cluster ${name} ${what}`,
  );
}
