import { toError } from '@backstage/errors';
import { createHash } from 'node:crypto';
import { KubernetesObject } from '../kubernetes';
import { readUserCredentials, UserCredentials } from './checks';
import { parsePolicyDocument, policyHash } from './policyDocument';
import {
  BucketSpec,
  ITEM_KINDS,
  ItemKind,
  PolicySpec,
  Provisioning,
  ProvisioningItem,
  Refusal,
  TenantSpec,
  UserSpec,
} from './types';

/** What provisioning asks of a tenant's server. */
export interface ProvisioningTarget {
  listPolicies(): Promise<Map<string, unknown>>;
  putPolicy(name: string, document: unknown): Promise<void>;
  getUser(accessKey: string): Promise<{ status: string } | undefined>;
  putUser(
    accessKey: string,
    user: { secretKey: string; status: string },
  ): Promise<void>;
  setUserPolicies(accessKey: string, policies: string[]): Promise<void>;
  createBucket(
    name: string,
    options: { objectLock?: boolean; region?: string },
  ): Promise<void>;
  hasObjectLock(bucket: string): Promise<boolean>;
}

/** What provisioning reads and where it acts. */
export interface ProvisioningInput {
  tenant: { uid: string; generation: number };
  spec: TenantSpec;
  previous?: Provisioning;
  /** ConfigMap of the Tenant's namespace. */
  configMap(name: string): Promise<KubernetesObject | undefined>;
  /** Secret of the Tenant's namespace. */
  secret(name: string): Promise<KubernetesObject | undefined>;
  /** Undefined without `spec.credsSecret`. */
  server?: ProvisioningTarget;
  /** A fault that was switched on for an item. */
  fault?(kind: ItemKind, name: string): Refusal | undefined;
  now: string;
}

export interface ProvisioningResult {
  provisioning: Provisioning;
  /** The first item that failed, in the order policies, users, buckets as the spec lists them. */
  failure?: Refusal;
}

type ItemFields = Partial<Omit<ProvisioningItem, 'name' | 'state'>>;

const CONFIGURED = 'ProvisioningConfigured';

class Provisioner {
  private readonly items: Record<ItemKind, ProvisioningItem[]> = {
    policies: [],
    users: [],
    buckets: [],
  };
  private livePolicies = new Map<string, unknown>();

  constructor(private readonly input: ProvisioningInput) {}

  async run(): Promise<ProvisioningResult> {
    const { spec, server } = this.input;
    if (!server) {
      this.failAll({
        reason: 'ProvisioningUnsupported',
        message: 'configure spec.credsSecret before enabling provisioning',
      });
      return this.result();
    }
    if (spec.policies.length || spec.users.length) {
      try {
        this.livePolicies = await server.listPolicies();
      } catch (error) {
        this.failAll({
          reason: 'PolicyApplyFailed',
          message: `failed to list RustFS canned policies: ${
            toError(error).message
          }`,
        });
        return this.result();
      }
    }
    for (const policy of spec.policies) {
      await this.settle('policies', policy.name, () =>
        this.policy(policy, server),
      );
    }
    const credentials = await this.readAllCredentials();
    for (const user of spec.users) {
      await this.settle('users', user.name, () =>
        this.user(user, credentials, server),
      );
    }
    for (const bucket of spec.buckets) {
      await this.settle('buckets', bucket.name, () =>
        this.bucket(bucket, server),
      );
    }
    return this.result();
  }

  private async settle(
    kind: ItemKind,
    name: string,
    work: () => Promise<ProvisioningItem>,
  ): Promise<void> {
    const fault = this.input.fault?.(kind, name);
    this.items[kind].push(
      fault ? this.failed(kind, name, fault) : await work(),
    );
  }

  private async policy(
    { name, document: { configMapKeyRef } }: PolicySpec,
    server: ProvisioningTarget,
  ): Promise<ProvisioningItem> {
    const previous = this.previous('policies', name);
    const fail = (reason: string, message: string, fields: ItemFields = {}) =>
      this.failed('policies', name, { reason, message }, fields);

    const configMap = await this.input.configMap(configMapKeyRef.name);
    if (!configMap) {
      return fail(
        'PolicyDocumentConfigMapNotFound',
        `policy ConfigMap '${configMapKeyRef.name}' was not found`,
      );
    }
    const text = dataOf(configMap)[configMapKeyRef.key];
    if (text === undefined) {
      return fail(
        'PolicyDocumentKeyNotFound',
        `policy ConfigMap '${configMapKeyRef.name}' is missing key '${configMapKeyRef.key}'`,
      );
    }
    let desired: unknown;
    try {
      desired = parsePolicyDocument(text);
    } catch (error) {
      return fail('PolicyApplyFailed', toError(error).message);
    }

    const desiredHash = policyHash(desired);
    const live = this.livePolicies.get(name);
    const liveHash = live === undefined ? undefined : policyHash(live);
    const owned = previous?.lastAppliedHash;
    const ready = (message: string, lastAppliedHash: string) =>
      this.ready('policies', name, message, {
        desiredHash,
        lastAppliedHash,
        lastAppliedGeneration:
          owned === lastAppliedHash && previous?.desiredHash === desiredHash
            ? previous.lastAppliedGeneration
            : this.input.tenant.generation,
      });

    if (liveHash === desiredHash) {
      return owned
        ? ready('RustFS policy already matches spec', liveHash)
        : ready(
            'Existing RustFS policy matches spec and was adopted',
            liveHash,
          );
    }
    if (liveHash !== undefined && liveHash !== owned) {
      return fail(
        'PolicyConflict',
        owned
          ? 'Live RustFS policy changed since the operator last applied it'
          : 'Live RustFS policy differs from spec and is not owned by this status',
        { desiredHash },
      );
    }
    try {
      await server.putPolicy(name, desired);
      this.livePolicies = await server.listPolicies();
      return ready(
        liveHash === undefined
          ? 'RustFS policy was created'
          : 'RustFS policy was applied',
        policyHash(this.livePolicies.get(name)),
      );
    } catch (error) {
      return fail(
        'PolicyApplyFailed',
        `failed to apply RustFS policy '${name}': ${toError(error).message}`,
        { desiredHash },
      );
    }
  }

  private async user(
    { name, credsSecret, policies }: UserSpec,
    credentials: Map<string, UserCredentials | string>,
    server: ProvisioningTarget,
  ): Promise<ProvisioningItem> {
    const previous = this.previous('users', name);
    const secretName = credsSecret?.name ?? name;
    const fail = (reason: string, message: string, fields: ItemFields = {}) =>
      this.failed('users', name, { reason, message }, { policies, ...fields });

    const keys = credentials.get(name) ?? '';
    if (typeof keys === 'string') {
      return fail('UserSecretInvalid', keys);
    }
    for (const policy of policies) {
      const problem = this.policyProblem(policy);
      if (problem) {
        return fail(problem.reason, problem.message);
      }
    }
    const accessKeyHash = sha256(keys.accessKey);
    if (
      previous?.lastAppliedAccessKeyHash &&
      previous.lastAppliedAccessKeyHash !== accessKeyHash
    ) {
      return fail(
        'ImmutableFieldModified',
        'user access key is immutable after provisioning; create a new user entry to migrate it',
      );
    }

    const secret = await this.input.secret(secretName);
    const observed = {
      policies,
      lastAppliedAccessKeyHash: accessKeyHash,
      observedSecretName: secretName,
      observedSecretResourceVersion: secret?.metadata.resourceVersion,
    };
    const ownership = (state: 'PendingCreate' | 'Managed') => ({
      state,
      tenantUid: this.input.tenant.uid,
      userName: name,
      accessKeyHash,
    });
    const ours =
      previous?.ownership?.tenantUid === this.input.tenant.uid &&
      previous.ownership.accessKeyHash === accessKeyHash;

    let message: string;
    try {
      const live = await server.getUser(keys.accessKey);
      if (live && !ours) {
        return fail(
          'UserOwnershipConflict',
          'RustFS user already exists without a matching operator ownership checkpoint; choose a different access key or remove the unmanaged user',
        );
      }
      const rotated =
        previous?.observedSecretResourceVersion !==
        observed.observedSecretResourceVersion;
      if (!live || rotated) {
        await server.putUser(keys.accessKey, {
          secretKey: keys.secretKey,
          // A disabled user stays disabled.
          status: live?.status ?? 'enabled',
        });
      }
      message = 'RustFS user already matched the observed Secret;';
      if (!live) {
        message = 'RustFS user was created and';
      } else if (rotated) {
        message = 'RustFS user credentials were updated and';
      }
    } catch (error) {
      return fail(
        'UserSecretInvalid',
        `failed to update RustFS user credentials: ${toError(error).message}`,
        { ...observed, ownership: ownership('PendingCreate') },
      );
    }
    try {
      await server.setUserPolicies(keys.accessKey, policies);
    } catch (error) {
      return fail(
        'UserPolicySetFailed',
        `failed to set RustFS user policies: ${toError(error).message}`,
        { ...observed, ownership: ownership('Managed') },
      );
    }
    return this.ready(
      'users',
      name,
      `${message} direct policy mapping was applied`,
      { ...observed, ownership: ownership('Managed') },
    );
  }

  private policyProblem(policy: string): Refusal | undefined {
    const item = this.items.policies.find(p => p.name === policy);
    if (item) {
      return item.state === 'Ready'
        ? undefined
        : {
            reason: 'UserPolicySetFailed',
            message: `referenced policy '${policy}' is not ready`,
          };
    }
    return this.livePolicies.has(policy)
      ? undefined
      : {
          reason: 'UserPolicyNotFound',
          message: `referenced policy '${policy}' does not exist`,
        };
  }

  private async readAllCredentials() {
    const credentials = new Map<string, UserCredentials | string>();
    const owners = new Map<string, string>();
    for (const { name, credsSecret } of this.input.spec.users) {
      const secretName = credsSecret?.name ?? name;
      const keys = readUserCredentials(
        secretName,
        await this.input.secret(secretName),
      );
      if (typeof keys !== 'string' && owners.has(keys.accessKey)) {
        credentials.set(
          name,
          `credentials Secret '${secretName}' resolves to an access key used by multiple provisioning users`,
        );
        continue;
      }
      if (typeof keys !== 'string') {
        owners.set(keys.accessKey, name);
      }
      credentials.set(name, keys);
    }
    return credentials;
  }

  private async bucket(
    { name, region, objectLock = false }: BucketSpec,
    server: ProvisioningTarget,
  ): Promise<ProvisioningItem> {
    const fields = { objectLock, ...(region && { region }) };
    try {
      await server.createBucket(name, { objectLock, region });
      if (objectLock && !(await server.hasObjectLock(name))) {
        return this.failed(
          'buckets',
          name,
          {
            reason: 'BucketObjectLockConflict',
            message: 'Bucket was created but object lock is not enabled',
          },
          fields,
        );
      }
    } catch (error) {
      return this.failed('buckets', name, {
        reason: 'BucketCreateFailed',
        message: `failed to create RustFS bucket: ${toError(error).message}`,
      });
    }
    return this.ready(
      'buckets',
      name,
      objectLock
        ? 'RustFS bucket was created with object lock enabled'
        : 'RustFS bucket was created',
      fields,
    );
  }

  private failAll(refusal: Refusal): void {
    for (const kind of ITEM_KINDS) {
      this.items[kind] = this.input.spec[kind].map(({ name }) =>
        this.failed(kind, name, refusal),
      );
    }
  }

  private previous(kind: ItemKind, name: string): ProvisioningItem | undefined {
    return this.input.previous?.[kind].find(item => item.name === name);
  }

  private ready(
    kind: ItemKind,
    name: string,
    message: string,
    fields: ItemFields,
  ): ProvisioningItem {
    return this.item(kind, {
      name,
      state: 'Ready',
      reason: CONFIGURED,
      message,
      ...fields,
    });
  }

  private failed(
    kind: ItemKind,
    name: string,
    refusal: Refusal,
    fields: ItemFields = {},
  ): ProvisioningItem {
    // What was applied before is still known of policies and users; a bucket says nothing but the failure.
    const kept = kind === 'buckets' ? {} : this.previous(kind, name);
    return this.item(kind, {
      ...kept,
      ...fields,
      name,
      state: 'Failed',
      reason: refusal.reason,
      message: refusal.message,
    });
  }

  private item(kind: ItemKind, item: ProvisioningItem): ProvisioningItem {
    const old = this.previous(kind, item.name);
    const same =
      old?.state === item.state &&
      old.reason === item.reason &&
      old.message === item.message;
    return {
      ...item,
      lastTransitionTime: same ? old.lastTransitionTime : this.input.now,
    };
  }

  private result(): ProvisioningResult {
    const failure = ITEM_KINDS.flatMap(kind => this.items[kind]).find(
      item => item.state === 'Failed',
    );
    const withRetained = (kind: ItemKind) =>
      [...this.items[kind], ...this.retained(kind)].sort((a, b) =>
        a.name < b.name ? -1 : 1,
      );
    return {
      provisioning: {
        observedGeneration: this.input.tenant.generation,
        phase: failure ? 'Failed' : 'Ready',
        policies: withRetained('policies'),
        users: withRetained('users'),
        buckets: withRetained('buckets'),
      },
      failure: failure && {
        reason: failure.reason,
        message: failure.message ?? '',
      },
    };
  }

  /** Nothing is deleted on the server: an item that left the spec is remembered. */
  private retained(kind: ItemKind): ProvisioningItem[] {
    const declared = new Set(this.items[kind].map(item => item.name));
    return (this.input.previous?.[kind] ?? [])
      .filter(item => !declared.has(item.name))
      .map(item =>
        this.item(kind, {
          ...item,
          state: 'Retained',
          reason: CONFIGURED,
          message: 'Item was removed from spec and retained in RustFS',
        }),
      );
  }
}

/**
 * Brings policies, users and buckets of a Tenant to its server, one after the other; a failing item does not stop the
 * others, a server that cannot be asked for its policies fails all.
 *
 * @internal
 */
export async function provision(
  input: ProvisioningInput,
): Promise<ProvisioningResult> {
  return new Provisioner(input).run();
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

function dataOf(
  configMap: KubernetesObject,
): Record<string, string | undefined> {
  const { data } = configMap;
  return typeof data === 'object' && data !== null
    ? Object.fromEntries(
        Object.entries(data).map(([key, value]) => [key, String(value)]),
      )
    : {};
}
