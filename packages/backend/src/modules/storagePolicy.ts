import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  catalogConditions,
  createCatalogConditionalDecision,
} from '@backstage/plugin-catalog-backend/alpha';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import {
  AuthorizeResult,
  isPermission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  PermissionPolicy,
  PolicyQuery,
  PolicyQueryUser,
} from '@backstage/plugin-permission-node';
import { policyExtensionPoint } from '@backstage/plugin-permission-node/alpha';
import {
  ANNOTATION_TENANT,
  bucketReadPermission,
  bucketRequestPermission,
  requestReadPermission,
  storageReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  bucketConditions,
  createBucketConditionalDecision,
  createRequestConditionalDecision,
  requestConditions,
} from '@rustfs-portal/plugin-rustfs-node';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

const PLATFORM = 'group:default/platform';
const CONTRACTORS = 'group:default/contractors';

/**
 * An example of a policy for storage: teams see and ask for the storage of what they own, the platform team sees
 * everything, contractors see no storage at all. The same holds for tenants and buckets as entities of the catalog. All
 * else is allowed.
 */
export class StoragePolicy implements PermissionPolicy {
  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    const claims = user?.info.ownershipEntityRefs ?? [];
    if (isPermission(permission, catalogEntityReadPermission)) {
      return claims.includes(PLATFORM)
        ? ALLOW
        : createCatalogConditionalDecision(permission, {
            anyOf: [
              { not: catalogConditions.isEntityKind({ kinds: ['Resource'] }) },
              {
                not: catalogConditions.hasAnnotation({
                  annotation: ANNOTATION_TENANT,
                }),
              },
              catalogConditions.isEntityOwner({ claims }),
            ],
          });
    }
    if (!permission.name.startsWith('rustfs.')) {
      return ALLOW;
    }
    if (!user || claims.includes(CONTRACTORS)) {
      return DENY;
    }
    if (claims.includes(PLATFORM)) {
      return ALLOW;
    }
    if (
      isPermission(permission, storageReadPermission) ||
      isPermission(permission, bucketRequestPermission)
    ) {
      return createCatalogConditionalDecision(
        permission,
        catalogConditions.isEntityOwner({ claims }),
      );
    }
    if (isPermission(permission, bucketReadPermission)) {
      return createBucketConditionalDecision(
        permission,
        bucketConditions.isOwnedBy({ owners: claims }),
      );
    }
    if (isPermission(permission, requestReadPermission)) {
      return createRequestConditionalDecision(permission, {
        anyOf: [
          requestConditions.isOwnedBy({ owners: claims }),
          requestConditions.isRequestedBy({ users: [user.info.userEntityRef] }),
        ],
      });
    }
    return DENY;
  }
}

export default createBackendModule({
  pluginId: 'permission',
  moduleId: 'storage-policy',
  register(reg) {
    reg.registerInit({
      deps: { policy: policyExtensionPoint },
      async init({ policy }) {
        policy.setPolicy(new StoragePolicy());
      },
    });
  },
});
