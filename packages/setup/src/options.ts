import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ConnectionOptionError,
  KeyPair,
  readCertificates,
} from '@rustfs-portal/plugin-rustfs-client';
import { EXIT, SetupError } from './SetupError';

/** Where Kubernetes puts what a pod may know of its cluster. */
export const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** Names in the environment. */
export type Environment = Record<string, string | undefined>;

/** What a run is told. */
export interface SetupOptions {
  endpoint: string;
  pair: KeyPair;
  /** Certificates in PEM. */
  ca?: string;
  tenant: string;
  namespace: string;
  kubeconfig?: string;
}

/** @throws SetupError that names what is missing or wrong, without the value */
export function readOptions(environment: Environment): SetupOptions {
  for (const name of ['RUSTFS_ACCESS_KEY', 'RUSTFS_SECRET_KEY']) {
    if (environment[name]) {
      throw wrong(
        `${name} is set, and an environment is seen by many: mount the Secret, and name the file in ${name}_FILE`,
      );
    }
  }
  return {
    endpoint: required(environment, 'RUSTFS_ENDPOINT'),
    pair: {
      accessKeyId: readRequired(environment, 'RUSTFS_ACCESS_KEY_FILE'),
      secretAccessKey: readRequired(environment, 'RUSTFS_SECRET_KEY_FILE'),
    },
    ca: readAuthorities(environment),
    tenant: readTenant(environment),
    namespace: readNamespace(environment),
    kubeconfig: environment.RUSTFS_SETUP_KUBECONFIG || undefined,
  };
}

function required(environment: Environment, name: string): string {
  const value = environment[name]?.trim();
  if (!value) {
    throw wrong(`${name} is not set`);
  }
  return value;
}

function readRequired(environment: Environment, name: string): string {
  const value = readText(name, required(environment, name)).trim();
  if (!value) {
    throw wrong(`The file that ${name} names is empty`);
  }
  return value;
}

function readText(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw wrong(`${name} names ${path}, which cannot be read`);
  }
}

function readAuthorities(environment: Environment): string | undefined {
  const path = environment.RUSTFS_CA_FILE;
  if (!path) {
    return undefined;
  }
  try {
    return readCertificates(readText('RUSTFS_CA_FILE', path));
  } catch (error) {
    throw error instanceof ConnectionOptionError
      ? wrong(`RUSTFS_CA_FILE: ${error.message}`)
      : error;
  }
}

function readTenant(environment: Environment): string {
  const tenant = required(environment, 'RUSTFS_SETUP_TENANT');
  // It becomes the value of a label and part of a name.
  if (!/^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/.test(tenant)) {
    throw wrong(
      'RUSTFS_SETUP_TENANT is not the name of a tenant: expected up to 63 small letters, digits, dots and hyphens',
    );
  }
  return tenant;
}

function readNamespace(environment: Environment): string {
  const own = join(SERVICE_ACCOUNT, 'namespace');
  const namespace =
    environment.RUSTFS_SETUP_NAMESPACE?.trim() ||
    (existsSync(own) && readText('The service account', own).trim());
  if (!namespace) {
    throw wrong(
      'RUSTFS_SETUP_NAMESPACE is not set, and there is no service account that says it',
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw wrong('RUSTFS_SETUP_NAMESPACE is not the name of a namespace');
  }
  return namespace;
}

function wrong(message: string) {
  return new SetupError(EXIT.unexpected, message);
}
