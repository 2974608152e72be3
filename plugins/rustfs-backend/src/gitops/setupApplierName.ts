import { createHash } from 'node:crypto';
import { parseTenantRef } from '@rustfs-portal/plugin-rustfs-common';

/** Labels of engines hold the name of what applies an object, and take no more. */
const MAX_NAME = 63;

/**
 * The name that the portal gives to what applies a setup folder: one for each tenant of a cluster.
 *
 * @param tenant - `cluster/namespace/name`
 */
export function setupApplierNameOf(tenant: string): string {
  const { name, namespace } = parseTenantRef(tenant);
  const plain = `${namespace}-${name}-setup`;
  const digest = createHash('sha256').update(tenant).digest('hex').slice(0, 8);
  return plain.length > MAX_NAME
    ? `${plain.slice(0, MAX_NAME - 9)}-${digest}`
    : plain;
}
