import {
  ClusterDefinition,
  NAMESPACE,
  ORGANIZATION,
  setupFolderOf,
  setupNamespaceOf,
  storageFolderOf,
  tenantRefOf,
} from './definition';
import { writeManifests } from './manifests';
import { renderOperatorTenant } from './operatorTenant';
import { renderRecords } from './records';
import { renderServer, rootSecretPathOf } from './server';
import { PROVISIONER_FILE, renderSetup } from './setupFolder';
import { WorldState } from './WorldState';

/** The Application that applies all others. */
export const ROOT_APPLICATION = 'root';

/**
 * The files of a cluster's GitOps repository, written as people write them: with comments, and in the habits of whoever
 * keeps the repository.
 */
export async function renderRepository(
  cluster: ClusterDefinition,
  state: WorldState,
  options: { url: string },
): Promise<Record<string, string>> {
  const folder = storageFolderOf(cluster);
  const { url } = options;
  const files: Record<string, string> = {
    'README.md': readme(cluster),
    ...(cluster.engine ? {} : { '.sops.yaml': sopsConfig(state) }),
    CODEOWNERS: codeOwners(),
    [`bootstrap/${cluster.name}.yaml`]: writeManifests(
      'Applied once by hand when the cluster was set up.',
      ...bootstrapObjects(cluster, { repositoryUrl: url }),
    ),
    [`${engineFolderOf(cluster)}/storage.yaml`]: writeManifests(
      'Tenants and servers, and what the portal declares for Tenants.',
      applierOf(cluster, { name: 'storage', folder, url }),
    ),
    [`${folder}/namespace.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n`,
  };
  for (const tenant of cluster.tenants) {
    const ref = tenantRefOf(cluster, tenant);
    const storage = tenant.installed
      ? await renderServer(tenant, ref, state)
      : {
          ...(await renderOperatorTenant(tenant, ref, state)),
          ...(await renderRecords(cluster, tenant, state)),
        };
    if (cluster.engine) {
      delete storage[rootSecretPathOf(tenant)];
    }
    for (const [path, content] of Object.entries(storage)) {
      files[`${folder}/${path}`] = content;
    }
    if (tenant.setup) {
      const name = setupNamespaceOf(tenant);
      const setup = setupFolderOf(cluster, tenant);
      files[`${engineFolderOf(cluster)}/${name}.yaml`] = writeManifests(
        `What the portal declares for ${ref}.`,
        applierOf(cluster, { name, folder: setup, url }),
      );
      const { [PROVISIONER_FILE]: key, ...program } = await renderSetup(
        tenant,
        ref,
        state,
      );
      for (const [path, content] of Object.entries({
        ...program,
        ...(cluster.engine ? {} : { [PROVISIONER_FILE]: key }),
        ...(await renderRecords(cluster, tenant, state)),
      })) {
        files[`${setup}/${path}`] = content;
      }
    }
  }
  const resources = Object.keys(files)
    .filter(path => path.startsWith(`${folder}/`))
    .map(path => path.slice(folder.length + 1));
  files[`${folder}/kustomization.yaml`] = kustomization(cluster, resources);
  return files;
}

/** What makes the engine apply a cluster's repository, put there once by hand: all else is in the repository. */
export function bootstrapObjects(
  cluster: ClusterDefinition,
  options: { repositoryUrl: string; fetchInterval?: string },
) {
  const folder = engineFolderOf(cluster);
  if (cluster.engine) {
    const { repositoryUrl: url } = options;
    return [applierOf(cluster, { name: ROOT_APPLICATION, folder, url })];
  }
  return [
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'gitops', namespace: 'flux-system' },
      spec: {
        interval: options.fetchInterval ?? '1m',
        url: options.repositoryUrl,
        ref: { branch: 'main' },
        secretRef: { name: 'forge-credentials' },
      },
    },
    fluxKustomization('flux-system', folder),
  ];
}

function engineFolderOf({ engine, name }: ClusterDefinition): string {
  return `clusters/${name}/${engine ?? 'flux-system'}`;
}

/** What makes the engine apply a folder. */
function applierOf(
  { engine }: ClusterDefinition,
  { folder, name, url }: { name: string; folder: string; url: string },
) {
  return engine
    ? {
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: { name, namespace: engine },
        spec: {
          project: 'default',
          source: {
            repoURL: url,
            targetRevision: 'main',
            path: folder,
            // Of the folder of the storage its kustomization decides.
            ...(folder.endsWith('-setup') && { directory: { recurse: true } }),
          },
          destination: { server: 'https://kubernetes.default.svc' },
          syncPolicy: { automated: { prune: true, selfHeal: true } },
        },
      }
    : fluxKustomization(name, folder);
}

function fluxKustomization(name: string, folder: string) {
  return {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { name, namespace: 'flux-system' },
    spec: {
      interval: '10m',
      retryInterval: '1m',
      timeout: '2m',
      prune: true,
      path: `./${folder}`,
      sourceRef: { kind: 'GitRepository', name: 'gitops' },
      decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
    },
  };
}

function readme(cluster: ClusterDefinition): string {
  return `# ${cluster.name}

What runs on cluster \`${cluster.name}\`, applied by ${
    cluster.engine ? 'Argo CD' : 'Flux'
  } from \`main\`.

| Folder | Holds |
| --- | --- |
| \`bootstrap\` | what made it begin |
| \`${engineFolderOf(cluster)}\` | what it applies: ${
    cluster.engine ? 'an Application' : 'a Kustomization'
  } per folder |
| \`${storageFolderOf(
    cluster,
  )}\` | RustFS tenants and servers, policies and Secrets, one record per bucket and per access, the Secrets of workloads |
${cluster.tenants
  .filter(({ setup }) => setup)
  .map(
    tenant =>
      `| \`${setupFolderOf(cluster, tenant)}\` | the same for ${
        tenant.name
      }, which no operator runs: records, Secrets, the setup program |\n`,
  )
  .join('')}
Ask for a bucket or an access in the developer portal; it opens a pull request here. ${
    cluster.engine
      ? 'Secrets are put into the cluster by hand,\nas Argo CD decrypts nothing.'
      : 'Secrets are encrypted with SOPS, see\n`.sops.yaml`.'
  } Nobody pushes to \`main\`.
`;
}

function sopsConfig(state: WorldState): string {
  return `# Encrypt:  sops --encrypt --in-place <file>.sops.yaml
keys:
  - &flux ${state.ageRecipient}

creation_rules:
  - path_regex: clusters/.*\\.sops\\.ya?ml$
    encrypted_regex: ^(data|stringData)$
    age:
      - *flux
stores:
  yaml:
    indent: 2
`;
}

function codeOwners(): string {
  return `# Patterns are regular expressions for the whole path.
.* @${ORGANIZATION}/platform
`;
}

function kustomization(
  cluster: ClusterDefinition,
  resources: string[],
): string {
  const dash = cluster.style === 'indented' ? '  - ' : '- ';
  const entries = [...resources].sort().map(path => `${dash}${path}`);
  return cluster.style === 'indented'
    ? `---
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization

# Sorted. Buckets come and go by pull request of the portal.
resources:
${entries.join('\n')}
`
    : `apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
${entries.join('\n')}
labels:
- pairs:
    app.kubernetes.io/part-of: object-storage
`;
}
