import { createHash } from 'node:crypto';
import { encryptManifest } from '../reconciler/sops';
import { AccessDefinition, NAMESPACE, TenantDefinition } from './definition';
import { accessPolicy, denyingPolicy, PolicyDocument } from './policies';
import { WorldState } from './WorldState';

/*
 * Accesses as the portal declares them: an entry and a ConfigMap for the policy, an entry and an encrypted Secret for the
 * user, an encrypted Secret for the workload, and a record that says what it is.
 */

/** The policy of users whose access has ended. */
const DENYING = 'rustfs-portal-denied';

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

/** The files of the accesses of a tenant, by path in the folder of the storage. */
export async function renderAccesses(
  cluster: string,
  tenantRef: string,
  tenant: TenantDefinition,
  state: WorldState,
): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const { accesses = [] } = tenant;
  const addPolicy = (name: string, document: PolicyDocument) => {
    files[`policies/${tenant.name}/${name}.yaml`] = policyMap(name, document);
  };
  for (const access of accesses) {
    const { consumer, name } = access;
    const keys = {
      accessKey: accessKeyIdOf(tenantRef, name),
      secretKey: state.secret(`access ${tenantRef} ${name}`),
    };
    const seal = (
      secret: string,
      namespace: string,
      data: Record<string, string>,
    ) => encryptedSecret({ name: secret, namespace, data, state });
    const serverSecret = `${tenant.name}-access-${name}`;
    files[`secrets/${serverSecret}.sops.yaml`] = await seal(
      serverSecret,
      NAMESPACE,
      { accesskey: keys.accessKey, secretkey: keys.secretKey },
    );
    if (!access.revokedAt) {
      addPolicy(`${serverSecret}-policy`, accessPolicy(access));
      files[`consumers/${consumer.namespace}/${consumer.secret}.sops.yaml`] =
        await seal(
          consumer.secret,
          consumer.namespace,
          consumerData(tenant.name, access, keys),
        );
    }
    files[`accesses/${tenant.name}/${name}.yaml`] = accessRecord(
      cluster,
      tenant.name,
      access,
      keys.accessKey,
    );
  }
  if (accesses.some(({ revokedAt }) => revokedAt)) {
    addPolicy(`${tenant.name}-${DENYING}`, denyingPolicy);
  }
  return files;
}

function consumerData(
  tenant: string,
  { buckets, consumer }: AccessDefinition,
  { accessKey, secretKey }: { accessKey: string; secretKey: string },
): Record<string, string> {
  const endpoint = `http://${tenant}-io.${NAMESPACE}.svc:9000`;
  return {
    AWS_ACCESS_KEY_ID: accessKey,
    AWS_SECRET_ACCESS_KEY: secretKey,
    ...(consumer.form === 'loki'
      ? { S3_ENDPOINT: endpoint, S3_REGION: 'us-east-1' }
      : { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: 'us-east-1' }),
    S3_BUCKET: buckets.join(','),
  };
}

async function encryptedSecret(options: {
  name: string;
  namespace: string;
  data: Record<string, string>;
  state: WorldState;
}): Promise<string> {
  const { name, namespace, data, state } = options;
  return encryptManifest(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name,
        namespace,
        labels: { 'app.kubernetes.io/managed-by': 'rustfs-portal' },
      },
      data: Object.fromEntries(
        Object.entries(data).map(([key, text]) => [
          key,
          Buffer.from(text).toString('base64'),
        ]),
      ),
    },
    { recipients: [state.ageRecipient] },
  );
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
  tenant: string,
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
  };
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: access.${tenant}.${name}
  namespace: ${NAMESPACE}
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
    rustfs-portal/record: access
    rustfs-portal/tenant: ${tenant}
  annotations:
    kustomize.toolkit.fluxcd.io/substitute: disabled
data:
${Object.entries(data)
  .map(([key, value]) => `  ${key}: ${value}`)
  .join('\n')}
`;
}
