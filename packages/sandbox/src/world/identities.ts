import { TenantDefinition } from './definition';
import { WorldState } from './WorldState';

/** A pair of keys of a tenant's server. */
export interface Credentials {
  accessKey: string;
  secretKey: string;
}

/** The root credentials of a tenant. */
export function rootCredentialsOf(
  state: WorldState,
  tenantRef: string,
): Credentials {
  return {
    accessKey: `root-${tenantRef.split('/').join('-')}`,
    secretKey: state.secret(`root ${tenantRef}`),
  };
}

/** The credentials with which the portal reads a tenant. */
export function portalCredentialsOf(
  state: WorldState,
  tenantRef: string,
  tenant: TenantDefinition,
): Credentials {
  return {
    accessKey: `portal-${tenant.name}`,
    secretKey: state.secret(`portal ${tenantRef}`),
  };
}

/** The credentials with which the setup program makes buckets and users on a tenant. */
export function provisionerCredentialsOf(
  state: WorldState,
  tenantRef: string,
  tenant: TenantDefinition,
): Credentials {
  return {
    accessKey: `setup-${tenant.name}`,
    secretKey: state.secret(`setup ${tenantRef}`),
  };
}
