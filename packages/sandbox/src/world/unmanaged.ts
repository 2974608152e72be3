import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import {
  ClusterClient,
  CONFIG_MAPS,
  DEPLOYMENTS,
} from '../reconciler/kubernetes';
import { RustfsAdmin } from '../reconciler/operator';
import { ensure, namespaceOf } from './cluster';
import {
  NAMESPACE,
  PROVISIONER_SECRET,
  setupNamespaceOf,
  TenantDefinition,
} from './definition';
import { portalCredentialsOf, provisionerCredentialsOf } from './identities';
import { encode } from './manifests';
import { provisionerPolicy, readerPolicy } from './policies';
import { provisionerSecretData } from './setupFolder';
import { WorldState } from './WorldState';

/*
 * What people do for a server without operator, by hand and once: users for the portal and for the setup program, and the
 * key of the latter where the program will look for it.
 */

const POLL_MS = 100;

/** Makes both users on the server. */
export async function makeIdentities(
  admin: RustfsAdmin,
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Promise<void> {
  for (const [policy, document, { accessKey, secretKey }] of [
    ['portal', readerPolicy, portalCredentialsOf(state, tenantRef, tenant)],
    [
      'rustfs-setup',
      provisionerPolicy,
      provisionerCredentialsOf(state, tenantRef, tenant),
    ],
  ] as const) {
    await admin.putPolicy(policy, document);
    await admin.putUser(accessKey, { secretKey, status: 'enabled' });
    await admin.setUserPolicies(accessKey, [policy]);
  }
}

/** Waits until what somebody has written by hand is applied. */
export async function waitForWorkload(
  client: ClusterClient,
  { name }: TenantDefinition,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await client.get(DEPLOYMENTS, NAMESPACE, name))) {
    if (Date.now() > deadline) {
      throw new Error(
        `Deployment ${NAMESPACE}/${name} is not applied within ${
          timeoutMs / 1000
        } s: see the Kustomizations of the cluster`,
      );
    }
    await sleep(POLL_MS);
  }
}

/** Puts the key of the setup program where it will run once somebody switches it on. */
export async function handOverKey(
  client: ClusterClient,
  tenant: TenantDefinition,
  tenantRef: string,
  state: WorldState,
): Promise<void> {
  const namespace = setupNamespaceOf(tenant);
  await ensure(client, namespaceOf(namespace));
  await ensure(client, {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: PROVISIONER_SECRET, namespace },
    data: encode(provisionerSecretData(tenant, tenantRef, state)),
  });
}

const saidSchema = z.record(z.string(), z.string());

const resultSchema = z.object({
  result: z.string(),
  reason: z.string(),
  message: z.string(),
});

/** Waits until the setup program has made all that is declared; a quota waits for objects to be counted. */
export async function waitForSetup(
  client: ClusterClient,
  tenant: TenantDefinition,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const declared = [
    ...tenant.buckets
      .filter(each => each.declared !== false && each.record !== false)
      .map(({ name }) => `bucket.${name}`),
    ...(tenant.accesses ?? []).map(({ name }) => `access.${name}`),
  ];
  const namespace = setupNamespaceOf(tenant);
  const name = `rustfs-setup-${tenant.name}`;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const status = await client.get(CONFIG_MAPS, namespace, name);
    const said = saidSchema.parse(status?.data ?? {});
    const missing = declared.filter(key => !isMade(said[key]));
    if (!missing.length) {
      return;
    }
    if (Date.now() > deadline) {
      throw new Error(
        `The setup program has not made ${missing.join(', ')} within ${
          timeoutMs / 1000
        } s: see ConfigMap ${namespace}/${name}, which says ${
          said.run ?? 'nothing'
        }`,
      );
    }
    await sleep(POLL_MS);
  }
}

function isMade(text: string | undefined): boolean {
  const { data } = resultSchema.safeParse(text && JSON.parse(text));
  return data?.result === 'done' || data?.reason === 'NotMeasured';
}
