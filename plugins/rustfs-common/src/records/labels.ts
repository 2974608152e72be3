/**
 * The label that says what the portal keeps in an object: `bucket` and `access` are records, in ConfigMaps; `key` is the
 * Secret with the key of a user, for the setup program; `status` is the ConfigMap in which that program says what it did.
 *
 * @public
 */
export const LABEL_RECORD = 'rustfs-portal/record';

/**
 * The label that names the tenant of a record. Of an operator's Tenant the records count in its own namespace alone, of any
 * other in the namespace that the configuration names.
 *
 * @public
 */
export const LABEL_TENANT = 'rustfs-portal/tenant';

/**
 * The annotation that names the request by which a record was declared.
 *
 * @public
 */
export const ANNOTATION_REQUEST = 'rustfs-portal/request';

/**
 * The label that names the access whose key a Secret holds.
 *
 * @public
 */
export const LABEL_ACCESS = 'rustfs-portal/access';
