import {
  accessRequestPermission,
  bucketRequestPermission,
  EntityStorage,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { Access, Caller } from '../access';
import { Inventory } from '../inventory';

/** The storage of an entity, as the caller may see it. */
export async function readEntityStorage(
  options: { access: Access; inventory: Inventory },
  caller: Caller,
  entityRef: string,
): Promise<EntityStorage> {
  const { access, inventory } = options;
  const { entity, ref } = await access.entity(
    caller,
    entityRef,
    storageReadPermission,
  );
  const [seesTenants, mayRequest, mayRequestAccess] = await Promise.all([
    access.isAllowed(caller, { permission: tenantReadPermission }),
    access.isAllowed(caller, {
      permission: bucketRequestPermission,
      resourceRef: ref,
    }),
    access.isAllowed(caller, {
      permission: accessRequestPermission,
      resourceRef: ref,
    }),
  ]);
  const storage = await inventory.describeEntity(
    entity,
    seesTenants ? 'platform' : 'team',
  );
  return { ...storage, mayRequest, mayRequestAccess };
}
