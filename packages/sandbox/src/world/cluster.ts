import { NotFoundError } from '@backstage/errors';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  APPLICATIONS,
  ClusterClient,
  GIT_REPOSITORIES,
  parseObject,
  SECRETS,
  TENANTS,
} from '../reconciler/kubernetes';
import { ClusterDefinition, NAMESPACE } from './definition';
import { encode } from './manifests';
import { bootstrapObjects, ROOT_APPLICATION } from './repository';

const POLL_MS = 50;

const gitRepositorySchema = z.object({ spec: z.object({ url: z.string() }) });
const tenantSchema = z.object({
  metadata: z.object({ generation: z.number() }),
  status: z
    .object({
      observedGeneration: z.number().optional(),
      currentState: z.string().optional(),
    })
    .optional(),
});

/**
 * Puts into a cluster what is there before the engine takes over: its namespace and those of workloads, its credentials, its
 * entry point.
 */
export async function seedCluster(
  client: ClusterClient,
  cluster: ClusterDefinition,
  options: {
    repositoryUrl: string;
    /** How often Flux looks for commits, by default every minute. */
    fetchInterval?: string;
    ageIdentity: string;
    forgeCredentials: { username: string; password: string };
    /** Of Argo CD: what is not in Git, as nothing decrypts it there. */
    secrets: Array<{ name: string; data: Record<string, string> }>;
  },
): Promise<void> {
  if (cluster.engine) {
    await seedArgoCd(client, cluster, options);
    return;
  }
  const secret = (name: string, stringData: Record<string, string>) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: 'flux-system' },
    data: encode(stringData),
  });
  await ensure(client, namespaceOf('flux-system'));
  for (const name of cluster.workloadNamespaces ?? []) {
    await ensure(client, namespaceOf(name));
  }
  await ensure(
    client,
    secret('sops-age', { 'age.agekey': `${options.ageIdentity}\n` }),
  );
  await ensure(client, secret('forge-credentials', options.forgeCredentials));
  for (const object of bootstrapObjects(cluster, options)) {
    await ensure(client, object);
  }
  await followForge(client, options.repositoryUrl);
}

/** Argo CD finds the credentials of a repository by its address; Secrets of servers are put there by hand. */
async function seedArgoCd(
  client: ClusterClient,
  cluster: ClusterDefinition,
  options: {
    repositoryUrl: string;
    forgeCredentials: { username: string; password: string };
    secrets: Array<{ name: string; data: Record<string, string> }>;
  },
): Promise<void> {
  const namespace = cluster.engine!;
  for (const name of [
    namespace,
    NAMESPACE,
    ...(cluster.workloadNamespaces ?? []),
  ]) {
    await ensure(client, namespaceOf(name));
  }
  for (const { data, name } of options.secrets) {
    await ensure(client, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: NAMESPACE },
      data: encode(data),
    });
  }
  const url = options.repositoryUrl;
  const credentials = {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: 'repository',
      namespace,
      labels: { 'argocd.argoproj.io/secret-type': 'repository' },
    },
    data: encode({ type: 'git', url, ...options.forgeCredentials }),
  };
  await ensure(client, credentials);
  for (const object of bootstrapObjects(cluster, options)) {
    await ensure(client, object);
  }
  // The forge may have another port than at the start before.
  await client.mergePatch(
    SECRETS,
    { namespace, name: 'repository' },
    { data: credentials.data },
  );
  await client.mergePatch(
    APPLICATIONS,
    { namespace, name: ROOT_APPLICATION },
    { spec: { source: { repoURL: url } } },
  );
}

/** Waits until the operator has dealt with the newest generation of a Tenant. */
export async function waitForTenant(
  client: ClusterClient,
  name: string,
  options: { timeoutMs: number; states: string[] },
): Promise<void> {
  const deadline = Date.now() + options.timeoutMs;
  let seen = 'absent';
  while (Date.now() < deadline) {
    const tenant = tenantSchema.safeParse(
      await client.get(TENANTS, NAMESPACE, name),
    ).data;
    seen = tenant?.status?.currentState ?? 'without status';
    if (
      tenant?.status?.observedGeneration === tenant?.metadata.generation &&
      options.states.includes(seen)
    ) {
      return;
    }
    await sleep(POLL_MS);
  }
  throw new Error(
    `Tenant ${NAMESPACE}/${name} is ${seen}, expected ${options.states.join(
      ' or ',
    )} within ${
      options.timeoutMs / 1000
    } s: see its status and that of Kustomization flux-system/storage`,
  );
}

/** Makes an object that is not there yet. */
export async function ensure(
  client: ClusterClient,
  object: {
    apiVersion: string;
    kind: string;
    metadata: { name: string; namespace?: string };
    [field: string]: unknown;
  },
): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const type = await client.resourceOf(apiVersion, kind);
  if (!type) {
    throw new NotFoundError(
      `The cluster does not serve ${kind} of ${apiVersion}`,
    );
  }
  if (!(await client.get(type, metadata.namespace, metadata.name))) {
    await client.create(type, parseObject(object));
  }
}

export function namespaceOf(name: string) {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
}

/** The forge may have another port than at the start before. */
async function followForge(
  client: ClusterClient,
  repositoryUrl: string,
): Promise<void> {
  const target = { namespace: 'flux-system', name: 'gitops' };
  const live = gitRepositorySchema.parse(
    await client.get(GIT_REPOSITORIES, target.namespace, target.name),
  );
  if (live.spec.url !== repositoryUrl) {
    await client.mergePatch(GIT_REPOSITORIES, target, {
      spec: { url: repositoryUrl },
    });
  }
}
