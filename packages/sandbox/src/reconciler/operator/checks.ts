import { KubernetesObject, secretValue } from '../kubernetes';
import { Refusal, TenantSpec } from './types';

const MIN_CREDENTIAL_LENGTH = 8;
const MAX_TENANT_NAME = 55;
const OFFICIAL_IMAGE =
  /^(?:(?:docker\.io|index\.docker\.io|registry-1\.docker\.io|ghcr\.io|quay\.io)\/)?rustfs\/rustfs:([^@]+)$/;

/** Why the operator does not even begin with a Tenant, and the condition that says so. */
export type Blocked = Refusal & {
  condition: 'SpecValid' | 'CredentialsReady' | 'WorkloadsReady';
};

export function checkTenantName(name: string): Blocked | undefined {
  const problem = nameProblem(name);
  return problem
    ? { condition: 'SpecValid', reason: 'InvalidTenantName', message: problem }
    : undefined;
}

function nameProblem(name: string): string | undefined {
  if (!/^[a-z]/.test(name)) {
    return 'must start with a lowercase letter (a-z), not a digit or symbol';
  }
  if (!/^[a-z0-9-]*[a-z0-9]$/.test(name)) {
    return 'must consist of lowercase letters, digits or hyphens and end with a letter or digit';
  }
  return name.length > MAX_TENANT_NAME
    ? `must be at most ${MAX_TENANT_NAME} characters`
    : undefined;
}

/** A person vouches for an image that the operator cannot judge. */
const IMAGE_ACKNOWLEDGED = 'operator.rustfs.com/runtime-default-image-ack';

/** The image must be one whose seccomp needs are known. */
export function checkImage(
  spec: TenantSpec,
  annotations: Record<string, string> = {},
): Blocked | undefined {
  const { image } = spec;
  const tag = image && OFFICIAL_IMAGE.exec(image)?.[1];
  const version = tag?.replace(/^v/, '').replace(/-glibc$/, '');
  if (
    !image ||
    annotations[IMAGE_ACKNOWLEDGED] === image ||
    (version && isCompatible(version))
  ) {
    return undefined;
  }
  const pool = spec.pools[0]?.name;
  const blocked = (message: string): Blocked => ({
    condition: 'WorkloadsReady',
    reason: 'WorkloadSecurityIncompatible',
    message,
  });
  if (version && /^\d+\.\d+\.\d+-(alpha|beta)/.test(version)) {
    return blocked(
      `image '${image}' (${version}) enables Tokio io_uring and cannot run with RuntimeDefault seccomp; upgrade to a RustFS build containing rustfs/rustfs#4364 before reconciling pool '${pool}', or configure a compatible Localhost seccomp profile`,
    );
  }
  const why =
    tag === 'latest'
      ? "uses a mutable 'latest' tag and its seccomp compatibility cannot be verified"
      : 'cannot be verified for seccomp compatibility';
  return blocked(
    `image '${image}' ${why} for RuntimeDefault in pool '${pool}'; pin a verified RustFS 1.0.0-beta.9 or later release tag (for example 1.0.0-beta.10), or verify the image and set metadata.annotations['operator.rustfs.com/runtime-default-image-ack'] to the exact current resolved image reference; mutable references can change without changing the annotation, so a digest-qualified reference is strongly recommended`,
  );
}

function isCompatible(version: string): boolean {
  const beta = /^1\.0\.0-beta\.(\d+)$/.exec(version);
  return beta ? Number(beta[1]) >= 9 : /^[1-9]\d*\.\d+\.\d+$/.test(version);
}

export interface RootCredentials {
  accessKey: string;
  secretKey: string;
}

/** Reads the root credentials from `spec.credsSecret`. */
export function readRootCredentials(
  name: string,
  secret: KubernetesObject | undefined,
): RootCredentials | Blocked {
  const blocked = (reason: string, message: string): Blocked => ({
    condition: 'CredentialsReady',
    reason,
    message: `Credential Secret '${name}' ${message}`,
  });
  if (!secret) {
    return blocked('CredentialSecretNotFound', 'was not found');
  }
  const values = new Map<string, string>();
  for (const key of ['accesskey', 'secretkey']) {
    const value = secretValue(secret, key);
    if (value === undefined) {
      return blocked(
        'CredentialSecretMissingKey',
        `is missing required key '${key}'`,
      );
    }
    values.set(key, value);
  }
  for (const [key, value] of values) {
    if (value.length < MIN_CREDENTIAL_LENGTH) {
      return blocked(
        'CredentialSecretTooShort',
        `key '${key}' must be at least ${MIN_CREDENTIAL_LENGTH} characters`,
      );
    }
  }
  return {
    accessKey: values.get('accesskey') ?? '',
    secretKey: values.get('secretkey') ?? '',
  };
}

export interface UserCredentials {
  accessKey: string;
  secretKey: string;
}

/** Reads the credentials of a declared user; the text says what is wrong with its Secret. */
export function readUserCredentials(
  name: string,
  secret: KubernetesObject | undefined,
): UserCredentials | string {
  if (!secret) {
    return `user Secret '${name}' was not found`;
  }
  const read = (key: string, consoleKey: string) =>
    secretValue(secret, key) ?? secretValue(secret, consoleKey);
  const accessKey = read('accesskey', 'CONSOLE_ACCESS_KEY');
  const secretKey = read('secretkey', 'CONSOLE_SECRET_KEY');
  if (accessKey === undefined) {
    return `user Secret '${name}' is missing 'accesskey' or 'CONSOLE_ACCESS_KEY'`;
  }
  if (secretKey === undefined) {
    return `user Secret '${name}' is missing 'secretkey' or 'CONSOLE_SECRET_KEY'`;
  }
  if (accessKey.length < MIN_CREDENTIAL_LENGTH) {
    return `user access key must be at least ${MIN_CREDENTIAL_LENGTH} characters`;
  }
  if (/\s/.test(accessKey)) {
    return 'user access key must not contain whitespace';
  }
  if (/[=,]/.test(accessKey)) {
    return "user access key must not contain reserved characters '=' or ','";
  }
  if (secretKey.length < MIN_CREDENTIAL_LENGTH) {
    return `user secret key must be at least ${MIN_CREDENTIAL_LENGTH} characters`;
  }
  return { accessKey, secretKey };
}
