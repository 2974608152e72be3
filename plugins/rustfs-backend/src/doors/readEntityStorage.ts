import {
  accessRequestPermission,
  bucketRequestPermission,
  EntityStorage,
  SecretForm,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { Access, Caller } from '../access';
import { Inventory } from '../inventory';
import { withSecretForms } from '../withSecretForms';

/** The storage of an entity, as the caller may see it. */
export async function readEntityStorage(
  options: { access: Access; forms: SecretForm[]; inventory: Inventory },
  caller: Caller,
  entityRef: string,
): Promise<EntityStorage> {
  const { access, forms, inventory } = options;
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
  return {
    ...storage,
    accesses: withSecretForms(storage.accesses, forms),
    mayRequest,
    mayRequestAccess,
  };
}
