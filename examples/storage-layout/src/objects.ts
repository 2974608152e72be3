import { AccessDeclared, TenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

/** What the objects of the operator are, as its CustomResourceDefinitions have them, and how it names what it makes. */
export const API_VERSION = 'rustfs.badhouseplants.net/v1beta1';

/** What the portal keeps beside a declaration: whose it is, and what for. */
export const NOTES = {
  owner: 'rustfs-portal/owner',
  entity: 'rustfs-portal/entity',
  purpose: 'rustfs-portal/purpose',
  dataClass: 'rustfs-portal/data-class',
  mode: 'rustfs-portal/mode',
  createdAt: 'rustfs-portal/created-at',
} as const;

export const bucketSpecSchema = z.object({
  /** Name of a RustFSInstance. */
  instance: z.string(),
  versioning: z.boolean().default(false),
  objectLock: z.boolean().default(false),
});

export const userSpecSchema = z.object({
  /** Name of a RustFSBucket in the same namespace. */
  bucket: z.string(),
  access: z.enum(['readOnly', 'readWrite']),
});

/**
 * Where the objects of a tenant are: its namespace, and the RustFSInstance that has the name of the tenant. No other
 * namespace counts, so whoever may write there decides whose buckets are.
 */
export interface ManagedPlace {
  namespace: string;
  instance: string;
}

export function placeOf({
  name,
  namespace,
}: Pick<TenantRef, 'name' | 'namespace'>): ManagedPlace {
  return { namespace, instance: name };
}

/** The bucket or the user that the operator makes of an object; his policy is called as he is. */
export function madeOf(namespace: string, object: string): string {
  return `${namespace}-${object}`;
}

/** The object that makes a bucket of this name; undefined where none could. */
export function objectOf(namespace: string, made: string): string | undefined {
  const start = madeOf(namespace, '');
  return made.startsWith(start) && made.length > start.length
    ? made.slice(start.length)
    : undefined;
}

/** The Secret that the operator writes for a user. */
export function secretOf(user: string): string {
  return `${user}-bucket-creds`;
}

/** All that a user with `readOnly` may do; `readWrite` is everything that there is. */
const READ_ONLY = ['s3:GetBucketLocation', 's3:GetBucketQuota', 's3:GetObject'];

/** Whether `readOnly` gives what a policy allows, and no more. */
export function isReadOnly({
  policy,
}: Pick<AccessDeclared, 'policy'>): boolean {
  const statements = policy?.Statement ?? [];
  const actions = new Set(statements.flatMap(({ Action }) => Action));
  return (
    statements.every(
      ({ Condition, Effect }) => Effect === 'Allow' && !Condition,
    ) && [...actions].sort().join() === READ_ONLY.join()
  );
}
