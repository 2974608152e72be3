import { encryptManifest } from '../reconciler/sops';
import { accessEntries, renderAccesses, TenantEntries } from './accesses';
import {
  BucketDefinition,
  ClusterDefinition,
  NAMESPACE,
  ORGANIZATION,
  storageFolderOf,
  TenantDefinition,
  tenantRefOf,
} from './definition';
import { portalPolicy, readWritePolicy } from './policies';
import { WorldState } from './WorldState';

const IMAGE = 'rustfs/rustfs:1.0.1';

/** The root credentials of a tenant. */
export function rootCredentialsOf(state: WorldState, tenantRef: string) {
  return {
    accessKey: `root-${tenantRef.split('/').join('-')}`,
    secretKey: state.secret(`root ${tenantRef}`),
  };
}

/** The credentials with which the portal reads a tenant. */
export function portalCredentialsOf(
  state: WorldState,
  tenantRef: string,
  tenant: TenantDefinition,
) {
  return {
    accessKey: `portal-${tenant.name}`,
    secretKey: state.secret(`portal ${tenantRef}`),
  };
}

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
    [`clusters/${cluster.name}/flux-system/storage.yaml`]: fluxManifests(
      cluster,
      options.url,
    ),
    [`${folder}/namespace.yaml`]: `apiVersion: v1\nkind: Namespace\nmetadata:\n  name: ${NAMESPACE}\n`,
  };
  for (const tenant of cluster.tenants) {
    const ref = tenantRefOf(cluster, tenant);
    files[`${folder}/tenant-${tenant.name}.yaml`] = tenantManifest(
      cluster,
      tenant,
    );
    files[`${folder}/policies-${tenant.name}.yaml`] = policyManifest(tenant);
    const secrets = {
      root: rootCredentialsOf(state, ref),
      portal: portalCredentialsOf(state, ref, tenant),
      ...Object.fromEntries(
        tenant.users.map(({ name }) => [
          name,
          {
            accessKey: `svc-${name}`,
            secretKey: state.secret(`user ${ref} ${name}`),
          },
        ]),
      ),
    };
    for (const [name, credentials] of Object.entries(secrets)) {
      const secretName = `${tenant.name}-${name}`;
      files[`${folder}/secrets/${secretName}.sops.yaml`] =
        await encryptedSecret(secretName, credentials, state.ageRecipient);
    }
    const accesses = await renderAccesses(cluster.name, ref, tenant, state);
    for (const [path, content] of Object.entries(accesses)) {
      files[`${folder}/${path}`] = content;
    }
    for (const bucket of tenant.buckets) {
      if (hasRecord(bucket)) {
        files[`${folder}/buckets/${tenant.name}/${bucket.name}.yaml`] =
          bucketRecord(tenant, bucket);
      }
    }
  }
  const resources = Object.keys(files)
    .filter(path => path.startsWith(`${folder}/`))
    .map(path => path.slice(folder.length + 1));
  files[`${folder}/kustomization.yaml`] = kustomization(cluster, resources);
  return files;
}

/** The GitRepository and the Kustomization that apply a cluster's repository. */
export function fluxObjects(
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
    {
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'storage', namespace: 'flux-system' },
      spec: {
        interval: '10m',
        retryInterval: '1m',
        timeout: '2m',
        prune: true,
        path: `./${storageFolderOf(cluster)}`,
        sourceRef: { kind: 'GitRepository', name: 'gitops' },
        decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
      },
    },
  ];
}

function hasRecord(bucket: BucketDefinition): boolean {
  return bucket.declared !== false && bucket.record !== false;
}

function readme(cluster: ClusterDefinition): string {
  return `# ${cluster.name}

What runs on cluster \`${cluster.name}\`, applied by Flux from \`main\`.

| Folder | Holds |
| --- | --- |
| \`clusters/${cluster.name}/flux-system\` | what Flux itself needs |
| \`${storageFolderOf(
    cluster,
  )}\` | RustFS tenants, their policies and Secrets, one record per bucket and per access, the Secrets of workloads |

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

function fluxManifests(cluster: ClusterDefinition, url: string): string {
  const folder = storageFolderOf(cluster);
  return `# Applied once by hand when the cluster was set up.
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: gitops
  namespace: flux-system
spec:
  interval: 1m
  url: ${url}
  ref:
    branch: main
  secretRef:
    name: forge-credentials
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: storage
  namespace: flux-system
spec:
  interval: 10m
  retryInterval: 1m
  timeout: 2m
  prune: true
  path: ./${folder}
  sourceRef:
    kind: GitRepository
    name: gitops
  decryption:
    provider: sops
    secretRef:
      name: sops-age
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

function tenantManifest(
  cluster: ClusterDefinition,
  tenant: TenantDefinition,
): string {
  const declared = tenant.buckets
    .filter(bucket => bucket.declared !== false)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = ['portal', ...tenant.users.map(({ name }) => name)];
  const ofAccesses = accessEntries(tenant);
  const entries: TenantEntries = {
    policies: [
      ...names.map(name => ({
        name,
        configMap: `policies-${tenant.name}`,
        key: `${name}.json`,
      })),
      ...ofAccesses.policies,
    ],
    users: [
      ...names.map(name => ({
        name,
        secret: `${tenant.name}-${name}`,
        policy: name,
      })),
      ...ofAccesses.users,
    ],
  };
  return cluster.style === 'indented'
    ? indentedTenant(tenant, entries, declared)
    : flushTenant(tenant, entries, declared);
}

function indentedTenant(
  tenant: TenantDefinition,
  { policies, users }: TenantEntries,
  buckets: BucketDefinition[],
): string {
  return `# ${tenant.comment}
apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: ${tenant.name}
  namespace: ${NAMESPACE}
spec:
  image: ${IMAGE}          # 1.0.0-rc.3 is refused by the operator
  credsSecret: { name: ${tenant.name}-root }
  pools:
    - name: pool-0
      servers: ${tenant.servers}          # cannot be changed later
      persistence:
        volumesPerServer: ${tenant.volumesPerServer}

  policies:
${policies
  .map(
    ({ name, configMap, key }) => `    - name: ${name}
      document:
        configMapKeyRef:
          name: ${configMap}
          key: ${key}
`,
  )
  .join('')}
  users:
${users
  .map(
    ({ name, secret, policy }) => `    - name: ${name}
      credsSecret:
        name: ${secret}
      policies: ['${policy}']
`,
  )
  .join('')}
  # By name, please: it keeps pull requests apart.
  buckets:${buckets.length ? '' : ' []'}
${buckets
  .map(
    bucket =>
      `    - name: ${bucket.name}${
        bucket.record === false ? '   # whose is this?' : ''
      }\n${bucket.objectLock ? '      objectLock: true\n' : ''}`,
  )
  .join('')}`;
}

function flushTenant(
  tenant: TenantDefinition,
  { policies, users }: TenantEntries,
  buckets: BucketDefinition[],
): string {
  return `---
# ${tenant.comment}
apiVersion: "rustfs.com/v1alpha1"
kind: "Tenant"
metadata:
  name: "${tenant.name}"
  namespace: "${NAMESPACE}"
  annotations:
    acme.example/contact: '#storage'
spec:
  image: "${IMAGE}"
  credsSecret:
    name: "${tenant.name}-root"
  pools:
  - name: "pool-0"
    servers: ${tenant.servers}
    persistence:
      volumesPerServer: ${tenant.volumesPerServer}
  buckets:
${buckets
  .map(bucket =>
    bucket.objectLock
      ? `  - name: "${bucket.name}"\n    objectLock: true\n`
      : `  - name: "${bucket.name}"\n`,
  )
  .join('')}  policies:
${policies
  .map(
    ({ name, configMap, key }) => `  - name: "${name}"
    document:
      configMapKeyRef: {name: "${configMap}", key: "${key}"}
`,
  )
  .join('')}  users:
${users
  .map(
    ({ name, secret, policy }) => `  - name: "${name}"
    credsSecret: {name: "${secret}"}
    policies: ["${policy}"]
`,
  )
  .join('')}`;
}

function policyManifest(tenant: TenantDefinition): string {
  const documents = {
    portal: portalPolicy,
    ...Object.fromEntries(
      tenant.users.map(user => [user.name, readWritePolicy(user)]),
    ),
  };
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: policies-${tenant.name}
  namespace: ${NAMESPACE}
data:
${Object.entries(documents)
  .map(
    ([name, document]) => `  ${name}.json: |
${JSON.stringify(document, undefined, 2)
  .split('\n')
  .map(line => `    ${line}`)
  .join('\n')}
`,
  )
  .join('')}`;
}

async function encryptedSecret(
  name: string,
  credentials: { accessKey: string; secretKey: string },
  recipient: string,
): Promise<string> {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return encryptManifest(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name, namespace: NAMESPACE },
      // Not stringData: without decryption Flux would apply its ciphertext as the value.
      data: {
        accesskey: base64(credentials.accessKey),
        secretkey: base64(credentials.secretKey),
      },
    },
    { recipients: [recipient] },
  );
}

function bucketRecord(
  tenant: TenantDefinition,
  bucket: BucketDefinition,
): string {
  const optional = (key: string, value: string | undefined) =>
    value === undefined ? '' : `  ${key}: ${value}\n`;
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket.${tenant.name}.${bucket.name}
  namespace: ${NAMESPACE}
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
    rustfs-portal/record: bucket
    rustfs-portal/tenant: ${tenant.name}
data:
  bucket: ${bucket.name}
${optional('owner', bucket.owner)}${optional(
    'entity',
    bucket.entity,
  )}${optional(
    'purpose',
    bucket.purpose && JSON.stringify(bucket.purpose),
  )}${optional('dataClass', bucket.dataClass)}${optional(
    'quota',
    bucket.quota,
  )}  versioning: "${bucket.versioning ? 'enabled' : 'off'}"
`;
}
