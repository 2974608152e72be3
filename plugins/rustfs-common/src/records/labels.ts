/**
 * The label that says which kind of record a ConfigMap is: `bucket` or `access`.
 *
 * @public
 */
export const LABEL_RECORD = 'rustfs-portal/record';

/**
 * The label that names the Tenant of a record, in the namespace of the record.
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
