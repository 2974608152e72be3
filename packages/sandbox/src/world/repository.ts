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
import { renderServer } from './server';
import { renderSetup } from './setupFolder';
import { WorldState } from './WorldState';

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
  const files: Record<string, string> = {
    'README.md': readme(cluster),
    '.sops.yaml': sopsConfig(state),
    CODEOWNERS: codeOwners(),
    [`bootstrap/${cluster.name}.yaml`]: writeManifests(
      'Applied once by hand when the cluster was set up.',
      ...bootstrapObjects(cluster, { repositoryUrl: options.url }),
    ),
    [`${fluxFolderOf(cluster)}/storage.yaml`]: writeManifests(
      'Tenants and servers, and what the portal declares for Tenants.',
      fluxKustomization('storage', folder),
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
    for (const [path, content] of Object.entries(storage)) {
      files[`${folder}/${path}`] = content;
    }
    if (tenant.setup) {
      const name = setupNamespaceOf(tenant);
      const setup = setupFolderOf(cluster, tenant);
      files[`${fluxFolderOf(cluster)}/${name}.yaml`] = writeManifests(
        `What the portal declares for ${ref}.`,
        fluxKustomization(name, setup),
      );
      for (const [path, content] of Object.entries({
        ...(await renderSetup(tenant, ref, state)),
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

/** What makes Flux apply a cluster's repository, put there once by hand: all else is in the repository. */
export function bootstrapObjects(
  cluster: ClusterDefinition,
  options: { repositoryUrl: string; fetchInterval?: string },
) {
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
    fluxKustomization('flux-system', fluxFolderOf(cluster)),
  ];
}

function fluxFolderOf({ name }: ClusterDefinition): string {
  return `clusters/${name}/flux-system`;
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

What runs on cluster \`${cluster.name}\`, applied by Flux from \`main\`.

| Folder | Holds |
| --- | --- |
| \`bootstrap\` | what made Flux begin |
| \`${fluxFolderOf(cluster)}\` | what Flux applies: a Kustomization per folder |
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
Ask for a bucket or an access in the developer portal; it opens a pull request here. Secrets are encrypted with SOPS, see
\`.sops.yaml\`. Nobody pushes to \`main\`.
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
