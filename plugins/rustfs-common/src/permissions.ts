import { RESOURCE_TYPE_CATALOG_ENTITY } from '@backstage/plugin-catalog-common/alpha';
import { createPermission } from '@backstage/plugin-permission-common';

/**
 * See the storage of a catalog entity. Decided on the entity, so that policies can use the catalog's own rules
 * (`catalogConditions.isEntityOwner`) and access to storage follows the entity.
 *
 * @public
 */
export const storageReadPermission = createPermission({
  name: 'rustfs.storage.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/**
 * Ask for a bucket for a catalog entity. Decided on the entity.
 *
 * @public
 */
export const bucketRequestPermission = createPermission({
  name: 'rustfs.bucket.request',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/**
 * Ask for an access to buckets, or for its end, for a catalog entity. Decided on the entity.
 *
 * @public
 */
export const accessRequestPermission = createPermission({
  name: 'rustfs.access.request',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/**
 * Ask for what lets storage be declared for a tenant at all: for the platform team. Decided on the entity that it is asked
 * for, whose owner answers for it.
 *
 * @public
 */
export const setupRequestPermission = createPermission({
  name: 'rustfs.setup.request',
  attributes: { action: 'create' },
  resourceType: RESOURCE_TYPE_CATALOG_ENTITY,
});

/**
 * See all tenants and their state: the platform team's view.
 *
 * @public
 */
export const tenantReadPermission = createPermission({
  name: 'rustfs.tenant.read',
  attributes: { action: 'read' },
});

/**
 * The resource type of {@link bucketReadPermission}; a resource ref is `<tenant ref>:<bucket>`.
 *
 * @public
 */
export const RESOURCE_TYPE_RUSTFS_BUCKET = 'rustfs-bucket';

/**
 * See buckets in lists that are not about one entity.
 *
 * @public
 */
export const bucketReadPermission = createPermission({
  name: 'rustfs.bucket.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_RUSTFS_BUCKET,
});

/**
 * The resource type of {@link accessReadPermission}; a resource ref is `<tenant ref>:<access>`.
 *
 * @public
 */
export const RESOURCE_TYPE_RUSTFS_ACCESS = 'rustfs-access';

/**
 * See accesses in lists that are not about one entity.
 *
 * @public
 */
export const accessReadPermission = createPermission({
  name: 'rustfs.access.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_RUSTFS_ACCESS,
});

/**
 * The resource type of {@link requestReadPermission}; a resource ref is the id of the request.
 *
 * @public
 */
export const RESOURCE_TYPE_RUSTFS_REQUEST = 'rustfs-request';

/**
 * See storage requests and their trail.
 *
 * @public
 */
export const requestReadPermission = createPermission({
  name: 'rustfs.request.read',
  attributes: { action: 'read' },
  resourceType: RESOURCE_TYPE_RUSTFS_REQUEST,
});

/**
 * Decide about a storage request that is there: withdraw it, take it up again, say what becomes of a commit of somebody
 * else on its branch. Withdrawing and taking up are for the one who asked, whoever else has the permission.
 *
 * @public
 */
export const requestUpdatePermission = createPermission({
  name: 'rustfs.request.update',
  attributes: { action: 'update' },
  resourceType: RESOURCE_TYPE_RUSTFS_REQUEST,
});

/**
 * All permissions of the RustFS plugins.
 *
 * @public
 */
export const rustfsPermissions = [
  storageReadPermission,
  bucketRequestPermission,
  accessRequestPermission,
  setupRequestPermission,
  tenantReadPermission,
  bucketReadPermission,
  accessReadPermission,
  requestReadPermission,
  requestUpdatePermission,
];
