/**
 * A person with an account at the forge.
 *
 * @public
 */
export interface PersonDefinition {
  name: string;
  fullName: string;
  /** What the person may do in the GitOps repositories; nothing when absent. */
  repositories?: 'read' | 'write' | 'admin';
}

/**
 * A bucket and what is in it.
 *
 * @public
 */
export interface BucketDefinition {
  name: string;
  /** `group:default/checkout`. */
  owner?: string;
  /** `component:default/invoices`. */
  entity?: string;
  purpose?: string;
  dataClass?: 'public' | 'internal' | 'confidential';
  /** Kubernetes quantity. */
  quota?: string;
  versioning?: boolean;
  objectLock?: boolean;
  /** False: nobody declares the bucket, it is only on the server. */
  declared?: boolean;
  /** False: declared in the Tenant, without a record of whose it is. */
  record?: boolean;
  /** Anyone may read its objects. */
  public?: boolean;
  /** Gets new objects as time goes by. */
  growing?: boolean;
  /** Objects put in at the beginning; `%` in a key stands for the number of the object. */
  objects?: { key: string; count: number; bytes: number };
}

/**
 * A user of a tenant's server, declared in Git with an encrypted Secret.
 *
 * @public
 */
export interface ServiceUserDefinition {
  name: string;
  /** Buckets that the user reads and writes, as resources of a policy; `loki-*` stands for several. */
  buckets: string[];
}

/**
 * An access: a user of a tenant's server with one policy, as the portal would have declared it.
 *
 * @public
 */
export interface AccessDefinition {
  name: string;
  /** `group:default/checkout`. */
  owner: string;
  /** `component:default/invoices`. */
  entity: string;
  purpose: string;
  /** Names of buckets, or one pattern such as `loki-*`. */
  buckets: string[];
  mode: 'read' | 'read-write';
  /** The Secret of the workload that uses it. */
  consumer: { namespace: string; secret: string; form: 'aws' | 'loki' };
  /** ISO 8601. */
  createdAt: string;
  /** When Git ended it; not ended when absent. */
  revokedAt?: string;
  /** Somebody has disabled its user on the server by hand. */
  disabled?: boolean;
}

/**
 * A RustFS tenant.
 *
 * @public
 */
export interface TenantDefinition {
  name: string;
  title: string;
  /** Comment at the top of its manifest. */
  comment: string;
  servers: number;
  volumesPerServer: number;
  driveCapacityBytes: number;
  /** What is wrong with it; nothing when absent. */
  trouble?: 'server-lost' | 'down';
  /**
   * What runs its server: the RustFS operator when absent; the official chart under a HelmRelease of Flux; or a Deployment
   * that somebody wrote by hand.
   */
  installed?: 'chart' | 'bare';
  /** Self-service is switched on by a setup folder; only without the operator. */
  setup?: boolean;
  users: ServiceUserDefinition[];
  accesses?: AccessDefinition[];
  buckets: BucketDefinition[];
}

/**
 * A cluster, its tenants in namespace `storage`, and its GitOps repository `acme/<cluster>`.
 *
 * @public
 */
export interface ClusterDefinition {
  name: string;
  /** How the people who keep its repository write YAML. */
  style: 'indented' | 'flush';
  /**
   * What brings its repository into it; Flux when absent. Argo CD decrypts nothing, so that its Secrets are put there by hand, and
   * none of its tenants is run by the operator.
   */
  engine?: 'argocd';
  /** Which forge its repository is on, by the API that the portal speaks with it; Gitea when absent. */
  forge?: 'github';
  /** Where workloads run that use the storage. */
  workloadNamespaces?: string[];
  /** What the portal writes is sealed for the sealed-secrets controller, which runs there then; else it is for SOPS. */
  sealedSecrets?: boolean;
  tenants: TenantDefinition[];
}

/**
 * What the portal's guardrails say, as its configuration has them.
 *
 * @public
 */
export interface GuardrailDefinition {
  tenants?: string[];
  owners?: string[];
  namePattern?: { regex: string; description: string; example: string };
  maxQuota?: string;
  defaultQuota?: string;
  quotaRequired?: boolean;
  accessModes?: string[];
  namespaces?: string[];
  reviewers?: string[];
  allow?: boolean;
}

/**
 * Where the Secrets of workloads are declared that are not beside the records of their tenant, as the portal's
 * configuration has it.
 *
 * @public
 */
export interface ConsumerDefinition {
  cluster: string;
  /** Names, or a beginning and a star. */
  namespaces: string[];
  /** `namespace/name` of the Flux Kustomization that applies them. */
  kustomization: string;
}

/**
 * All that the sandbox shows.
 *
 * @public
 */
export interface WorldDefinition {
  people: PersonDefinition[];
  /** Forge users that CODEOWNERS asks to review. */
  reviewers: string[];
  clusters: ClusterDefinition[];
  guardrails: GuardrailDefinition[];
  consumers?: ConsumerDefinition[];
}

/** The address of the forge of a cluster: GitHub is the same one, by another name of this machine. */
export function forgeUrlOf(
  { forge }: Pick<ClusterDefinition, 'forge'>,
  url: string,
): string {
  return forge ? url.replace('//127.0.0.1', '//localhost') : url;
}

/** Where all tenants live. */
export const NAMESPACE = 'storage';

/** The organization that owns the GitOps repositories. */
export const ORGANIZATION = 'acme';

/** `cluster/namespace/name`. */
export function tenantRefOf(
  cluster: ClusterDefinition,
  tenant: TenantDefinition,
): string {
  return `${cluster.name}/${NAMESPACE}/${tenant.name}`;
}

/** The folder of the repository that the Kustomization applies. */
export function storageFolderOf(cluster: ClusterDefinition): string {
  return `clusters/${cluster.name}/storage`;
}

/** The namespace of what the portal declares for a tenant without operator, once that is switched on. */
export function setupNamespaceOf(tenant: TenantDefinition): string {
  return `${NAMESPACE}-${tenant.name}-setup`;
}

/** The folder that its Kustomization applies. */
export function setupFolderOf(
  cluster: ClusterDefinition,
  tenant: TenantDefinition,
): string {
  return `clusters/${cluster.name}/${setupNamespaceOf(tenant)}`;
}

/** Where the records of a tenant count. */
export function recordNamespaceOf(tenant: TenantDefinition): string {
  return tenant.installed ? setupNamespaceOf(tenant) : NAMESPACE;
}

/** The S3 address of a tenant inside its cluster. */
export function serviceUrlOf({ installed, name }: TenantDefinition): string {
  const service = {
    operator: `${name}-io`,
    chart: `${name}-svc`,
    bare: name,
  }[installed ?? 'operator'];
  return `http://${service}.${NAMESPACE}.svc:9000`;
}

/** The image of the servers. */
export const IMAGE = 'rustfs/rustfs:1.0.1';

/** The image of the setup program. Nobody fetches it: the sandbox starts the program of this repository for it. */
export const SETUP_IMAGE =
  'acme/rustfs-setup@sha256:5e70b0c5e70b0c5e70b0c5e70b0c5e70b0c5e70b0c5e70b0c5e70b0c5e70b0c5';

/** The Secret with the key of the setup program, in the namespace of the setup. */
export const PROVISIONER_SECRET = 'rustfs-provisioner';
