import { InputError } from '@backstage/errors';

/**
 * Where one RustFS deployment is found: the cluster as the portal's configuration names it, the namespace and the
 * name of its Tenant.
 *
 * @public
 */
export interface TenantRef {
  cluster: string;
  namespace: string;
  name: string;
}

const SEGMENT = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/**
 * Reads `cluster/namespace/name`.
 *
 * @throws InputError when the text has another shape
 * @public
 */
export function parseTenantRef(text: string): TenantRef {
  const segments = text.trim().split('/');
  if (segments.length !== 3 || !segments.every(s => SEGMENT.test(s))) {
    throw new InputError(
      `"${text}" is not a tenant reference: expected cluster/namespace/name in lower case, for example prod/storage/media`,
    );
  }
  const [cluster, namespace, name] = segments;
  return { cluster, namespace, name };
}

/**
 * Writes a tenant reference as `cluster/namespace/name`.
 *
 * @public
 */
export function stringifyTenantRef(ref: TenantRef): string {
  return `${ref.cluster}/${ref.namespace}/${ref.name}`;
}
