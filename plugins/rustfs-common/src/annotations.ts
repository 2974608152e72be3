import { Entity } from '@backstage/catalog-model';
import { assertError, InputError } from '@backstage/errors';
import { parseTenantRef, stringifyTenantRef } from './refs';

/**
 * The tenant that an entity's buckets are on, as `cluster/namespace/name`.
 *
 * @public
 */
export const ANNOTATION_TENANT = 'rustfs.com/tenant';

/**
 * The buckets of an entity: `<bucket>[,<bucket>…]` on the tenant of {@link ANNOTATION_TENANT}, or
 * `<tenant ref>:<bucket>` for buckets on several tenants.
 *
 * @public
 */
export const ANNOTATION_BUCKETS = 'rustfs.com/buckets';

/**
 * `spec.type` of the `Resource` entity that stands for a tenant. All buckets of the tenant are its storage, as far as the
 * reader may see them.
 *
 * @public
 */
export const RESOURCE_TYPE_TENANT = 'rustfs-tenant';

/**
 * `spec.type` of the `Resource` entity that stands for a bucket.
 *
 * @public
 */
export const RESOURCE_TYPE_BUCKET = 's3-bucket';

/**
 * The tenant that an entity stands for, as `cluster/namespace/name`; undefined for every other entity, also for one whose
 * buckets are on a tenant.
 *
 * @public
 */
export function getRepresentedTenant(entity: Entity): string | undefined {
  const isTenant =
    entity.kind.toLowerCase() === 'resource' &&
    entity.spec?.type === RESOURCE_TYPE_TENANT;
  return isTenant
    ? entity.metadata.annotations?.[ANNOTATION_TENANT]?.trim()
    : undefined;
}

/**
 * A bucket on a tenant; the tenant is written `cluster/namespace/name`.
 *
 * @public
 */
export interface BucketRef {
  tenant: string;
  bucket: string;
}

/**
 * What the annotations of an entity say about its storage.
 *
 * @public
 */
export interface EntityStorageAnnotations {
  /** False when the entity has neither annotation. */
  annotated: boolean;
  /** Every tenant that is named, once, in order of appearance. */
  tenants: string[];
  /** The buckets that are named. */
  buckets: BucketRef[];
}

/**
 * Reads the storage annotations of an entity.
 *
 * @throws InputError when an annotation cannot be read, naming the annotation and what is expected
 * @public
 */
export function getEntityStorageAnnotations(
  entity: Entity,
): EntityStorageAnnotations {
  const tenantText = entity.metadata.annotations?.[ANNOTATION_TENANT]?.trim();
  const bucketsText = entity.metadata.annotations?.[ANNOTATION_BUCKETS]?.trim();
  const tenants = new Set<string>();
  const buckets = new Map<string, BucketRef>();
  let defaultTenant: string | undefined;

  if (tenantText) {
    defaultTenant = stringifyTenantRef(
      parseAnnotated(ANNOTATION_TENANT, tenantText),
    );
    tenants.add(defaultTenant);
  }
  for (const entry of (bucketsText ?? '').split(',')) {
    const text = entry.trim();
    if (!text) {
      continue;
    }
    const separator = text.lastIndexOf(':');
    const tenant =
      separator < 0
        ? defaultTenant
        : stringifyTenantRef(
            parseAnnotated(ANNOTATION_BUCKETS, text.slice(0, separator)),
          );
    if (!tenant) {
      throw new InputError(
        `Annotation ${ANNOTATION_BUCKETS} names bucket "${text}" without a tenant: add ${ANNOTATION_TENANT}, or write <cluster>/<namespace>/<name>:${text}`,
      );
    }
    const bucket = text.slice(separator + 1).trim();
    tenants.add(tenant);
    buckets.set(`${tenant}:${bucket}`, { tenant, bucket });
  }
  return {
    annotated: Boolean(tenantText || bucketsText),
    tenants: [...tenants],
    buckets: [...buckets.values()],
  };
}

function parseAnnotated(annotation: string, text: string) {
  try {
    return parseTenantRef(text);
  } catch (error) {
    assertError(error);
    throw new InputError(`Annotation ${annotation}: ${error.message}`);
  }
}
