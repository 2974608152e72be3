import { accessEntries, TenantEntries } from './accesses';
import {
  BucketDefinition,
  IMAGE,
  NAMESPACE,
  TenantDefinition,
} from './definition';
import { portalCredentialsOf, rootCredentialsOf } from './identities';
import { encryptedSecret } from './manifests';
import { portalPolicy, readWritePolicy } from './policies';
import { WorldState } from './WorldState';

/** The files of a tenant that the operator runs, by path in the folder of the storage: its manifest, policies and Secrets. */
export async function renderOperatorTenant(
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {
    [`tenant-${tenant.name}.yaml`]: tenantManifest(tenant),
    [`policies-${tenant.name}.yaml`]: policyManifest(tenant),
  };
  const secrets = {
    root: rootCredentialsOf(state, tenantRef),
    portal: portalCredentialsOf(state, tenantRef, tenant),
    ...Object.fromEntries(
      tenant.users.map(({ name }) => [
        name,
        {
          accessKey: `svc-${name}`,
          secretKey: state.secret(`user ${tenantRef} ${name}`),
        },
      ]),
    ),
  };
  for (const [user, { accessKey, secretKey }] of Object.entries(secrets)) {
    const name = `${tenant.name}-${user}`;
    files[`secrets/${name}.sops.yaml`] = await encryptedSecret({
      name,
      namespace: NAMESPACE,
      data: { accesskey: accessKey, secretkey: secretKey },
      state,
    });
  }
  return files;
}

function tenantManifest(tenant: TenantDefinition): string {
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
  return writeTenant(tenant, entries, declared);
}

function writeTenant(
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
