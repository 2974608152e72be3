/**
 * A condition of a Kubernetes object.
 *
 * @public
 */
export interface ObjectCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
  observedGeneration?: number;
}

/**
 * Metadata of a Kubernetes object, as far as it is read.
 *
 * @public
 */
export interface ObjectMetadata {
  name: string;
  namespace: string;
  generation?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/**
 * An item that the RustFS operator provisions.
 *
 * @public
 */
export interface ProvisioningItem {
  name: string;
  /** `Ready`, `Pending`, `Failed` or `Retained` (not in the spec any more, still on the server). */
  state: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/**
 * A Tenant of the RustFS operator (`rustfs.com/v1alpha1`), as far as it is read.
 *
 * @public
 */
export interface TenantObject {
  metadata: ObjectMetadata;
  spec: {
    buckets: Array<{ name: string; objectLock: boolean }>;
    /** Absent is empty, here and in the status. */
    policies?: Array<{ name: string }>;
    /** With the names of their policies on the server. */
    users?: Array<{ name: string; policies: string[] }>;
  };
  status?: {
    /** `Ready`, `Reconciling`, `Degraded`, `Blocked`. */
    currentState?: string;
    observedGeneration?: number;
    conditions: ObjectCondition[];
    provisioning?: {
      observedGeneration?: number;
      buckets: ProvisioningItem[];
      policies?: ProvisioningItem[];
      users?: ProvisioningItem[];
    };
  };
}

/**
 * What a Flux Kustomization does to the manifests of its folder before it applies them.
 *
 * @public
 */
export interface KustomizationBuild {
  targetNamespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  /** Inline patches, as they are. */
  patches?: unknown[];
  /** Folders of kustomize components, relative to the folder. */
  components?: string[];
  ignoreMissingComponents?: boolean;
  images?: unknown[];
  commonMetadata?: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  /** Files to leave out, in the syntax of `.gitignore`. */
  ignore?: string;
  /** How it decrypts what is encrypted in Git; undefined: it does not. */
  decryption?: { provider: string };
  postBuild?: {
    substitute?: Record<string, string>;
    substituteFrom?: Array<{ kind: string; name: string; optional?: boolean }>;
  };
}

/**
 * A Flux Kustomization, as far as it is read.
 *
 * @public
 */
export interface KustomizationObject {
  metadata: ObjectMetadata;
  spec: {
    path?: string;
    suspend?: boolean;
    sourceRef: { kind: string; name: string; namespace?: string };
  } & KustomizationBuild;
  status?: {
    lastAppliedRevision?: string;
    lastAttemptedRevision?: string;
    conditions: ObjectCondition[];
  };
}

/**
 * A Flux GitRepository, as far as it is read.
 *
 * @public
 */
export interface GitRepositoryObject {
  metadata: ObjectMetadata;
  spec: {
    url: string;
    ref?: {
      branch?: string;
      tag?: string;
      semver?: string;
      /** `refs/heads/main`. */
      name?: string;
      commit?: string;
    };
    /** Other GitRepositories whose files are laid into this one. */
    include?: Array<{
      repository: { name: string };
      /** Default: the name of the other one. */
      toPath?: string;
    }>;
    /** Files to leave out, in the syntax of `.gitignore`. */
    ignore?: string;
    interval?: string;
    suspend?: boolean;
  };
  status?: {
    artifact?: { revision?: string };
    conditions: ObjectCondition[];
  };
}
