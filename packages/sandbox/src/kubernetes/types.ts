/** A JSON object of unknown shape. */
export type JsonObject = { [field: string]: unknown };

export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

export interface ObjectMeta {
  name: string;
  namespace?: string;
  generateName?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
}

/** Any object of the Kubernetes API. */
export interface KubernetesObject extends JsonObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/**
 * What a token may do: the same shape and meaning as a rule of a Kubernetes Role.
 *
 * @public
 */
export interface Rule {
  /** API groups, `''` for core, `*` for all. */
  apiGroups: string[];
  /** Plural names, `tenants/status` for a subresource, `*` for all. */
  resources: string[];
  verbs: string[];
  /** Namespaces the rule holds in; without it the whole cluster. */
  namespaces?: string[];
  resourceNames?: string[];
}

/**
 * A bearer token the server knows, and who it stands for.
 *
 * @public
 */
export interface TokenGrant {
  token: string;
  user: string;
  groups?: string[];
  rules: Rule[];
}

/**
 * Where the server writes about itself; a Backstage logger fits.
 *
 * @public
 */
export interface KubernetesApiLogger {
  info(message: string): void;
  warn(message: string): void;
}

/**
 * A kind that a server serves beside its own, as by a CustomResourceDefinition whose schema takes everything.
 *
 * @public
 */
export interface CustomKind {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
}

/** Who sent a request. */
export interface User {
  name: string;
  groups: string[];
  rules: Rule[];
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
