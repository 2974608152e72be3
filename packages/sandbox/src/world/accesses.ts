import { createHash } from 'node:crypto';
import {
  AccessDefinition,
  ClusterDefinition,
  NAMESPACE,
  recordNamespaceOf,
  serviceUrlOf,
  TenantDefinition,
  tenantRefOf,
} from './definition';
import { encryptedSecret } from './manifests';
import { accessPolicy, denyingPolicy, PolicyDocument } from './policies';
import { WorldState } from './WorldState';

/*
 * Accesses as the portal declares them: an entry and a ConfigMap for the policy, an entry and an encrypted Secret for the
 * user, an encrypted Secret for the workload, and a record that says what it is.
 */

/** The policy of users whose access has ended. */
const DENYING = 'rustfs-portal-denied';

const MANAGED = { 'app.kubernetes.io/managed-by': 'rustfs-portal' };

/** A user or a policy as the manifest of a Tenant lists it. */
export interface TenantEntries {
  policies: Array<{ name: string; configMap: string; key: string }>;
  users: Array<{ name: string; secret: string; policy: string }>;
}

/** Letters and digits, as access keys have them; always the same for the same access. */
export function accessKeyIdOf(tenantRef: string, access: string): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bytes = createHash('sha256').update(`${tenantRef} ${access}`).digest();
  return `RFS${[...bytes.subarray(0, 17)]
    .map(byte => letters[byte % letters.length])
    .join('')}`;
}

/** What the accesses of a tenant add to its lists. */
export function accessEntries({
  name: tenant,
  accesses = [],
}: TenantDefinition): TenantEntries {
  const active = accesses.filter(({ revokedAt }) => !revokedAt);
  const policies = active.map(({ name }) => ({
    name: `access-${name}`,
    configMap: `${tenant}-access-${name}-policy`,
    key: 'policy.json',
  }));
  if (active.length < accesses.length) {
    policies.push({
      name: DENYING,
      configMap: `${tenant}-${DENYING}`,
      key: 'policy.json',
    });
  }
  return {
    policies,
    users: accesses.map(({ name, revokedAt }) => ({
      name: `access-${name}`,
      secret: `${tenant}-access-${name}`,
      policy: revokedAt ? DENYING : `access-${name}`,
    })),
  };
}

/** The files of the accesses of a tenant, by path in the folder that holds its records. */
export async function renderAccesses(
  cluster: ClusterDefinition,
  tenant: TenantDefinition,
  state: WorldState,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const { accesses = [], installed } = tenant;
  const tenantRef = tenantRefOf(cluster, tenant);
  // A Tenant refers to its policies; without one the record of the access holds it.
  const addPolicy = (name: string, document: PolicyDocument) => {
    if (!installed) {
      files[`policies/${tenant.name}/${name}.yaml`] = policyMap(name, document);
    }
  };
  for (const access of accesses) {
    const { consumer, name } = access;
    const keys = {
      accessKey: accessKeyIdOf(tenantRef, name),
      secretKey: state.secret(`access ${tenantRef} ${name}`),
    };
    const serverSecret = `${tenant.name}-access-${name}`;
    files[`secrets/${serverSecret}.sops.yaml`] = await encryptedSecret({
      name: serverSecret,
      namespace: recordNamespaceOf(tenant),
      data: { accesskey: keys.accessKey, secretkey: keys.secretKey },
      labels: { ...MANAGED, ...(installed && keyLabelsOf(tenant, name)) },
      state,
    });
    if (!access.revokedAt) {
      addPolicy(`${serverSecret}-policy`, accessPolicy(access));
      files[`consumers/${consumer.namespace}/${consumer.secret}.sops.yaml`] =
        await encryptedSecret({
          name: consumer.secret,
          namespace: consumer.namespace,
          data: consumerData(tenant, access, keys),
          labels: MANAGED,
          state,
        });
    }
    files[`accesses/${folderIn(tenant)}${name}.yaml`] = accessRecord(
      cluster.name,
      tenant,
      access,
      keys.accessKey,
    );
  }
  if (accesses.some(({ revokedAt }) => revokedAt)) {
    addPolicy(`${tenant.name}-${DENYING}`, denyingPolicy);
  }
  return files;
}

/** A setup folder has one tenant, the folder of the operator's tenants has several. */
export function folderIn({ installed, name }: TenantDefinition): string {
  return installed ? '' : `${name}/`;
}

/** By which the setup program finds the key of a user. */
function keyLabelsOf(tenant: TenantDefinition, access: string) {
  return {
    'rustfs-portal/record': 'key',
    'rustfs-portal/tenant': tenant.name,
    'rustfs-portal/access': access,
  };
}

function consumerData(
  tenant: TenantDefinition,
  { buckets, consumer }: AccessDefinition,
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
): Record<string, string> {
  const endpoint = serviceUrlOf(tenant);
  return {
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    ...(consumer.form === 'loki'
      ? { S3_ENDPOINT: endpoint, S3_REGION: 'us-east-1' }
      : { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1' }),
    S3_BUCKET: buckets.join(','),
  };
}

function policyMap(name: string, document: PolicyDocument): string {
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${NAMESPACE}
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
  annotations:
    kustomize.toolkit.fluxcd.io/substitute: disabled
data:
  policy.json: |-
${JSON.stringify(document, undefined, 2)
  .split('\n')
  .map(line => `    ${line}`)
  .join('\n')}
`;
}

function accessRecord(
  cluster: string,
  tenant: TenantDefinition,
  access: AccessDefinition,
  accessKeyId: string,
): string {
  const { buckets, consumer, name, revokedAt } = access;
  const [first] = buckets;
  const data = {
    access: name,
    owner: access.owner,
    entity: access.entity,
    purpose: JSON.stringify(access.purpose),
    ...(first.endsWith('*')
      ? { pattern: JSON.stringify(first) }
      : { buckets: buckets.join(',') }),
    mode: access.mode,
    policy: `access-${name}`,
    accessKeyId,
    consumer: `${cluster}/${consumer.namespace}/${consumer.secret}`,
    form: consumer.form,
    state: revokedAt ? 'revoked' : 'active',
    createdAt: JSON.stringify(access.createdAt),
    ...(revokedAt && { revokedAt: JSON.stringify(revokedAt) }),
    ...(tenant.installed && {
      'policy.json': JSON.stringify(JSON.stringify(accessPolicy(access))),
    }),
  };
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: access.${tenant.name}.${name}
  namespace: ${recordNamespaceOf(tenant)}
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
    rustfs-portal/record: access
    rustfs-portal/tenant: ${tenant.name}
  annotations:
    kustomize.toolkit.fluxcd.io/substitute: disabled
data:
${Object.entries(data)
  .map(([key, value]) => `  ${key}: ${value}`)
  .join('\n')}
`;
}
