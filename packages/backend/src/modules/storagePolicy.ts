import { createBackendModule } from '@backstage/backend-plugin-api';
import {
  catalogConditions,
  createCatalogConditionalDecision,
} from '@backstage/plugin-catalog-backend/alpha';
import {
  catalogEntityDeletePermission,
  catalogEntityReadPermission,
} from '@backstage/plugin-catalog-common/alpha';
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
  createScaffolderTaskConditionalDecision,
  scaffolderTaskConditions,
} from '@backstage/plugin-scaffolder-backend/alpha';
import {
  taskCancelPermission,
  taskReadPermission,
} from '@backstage/plugin-scaffolder-common/alpha';
import {
  accessReadPermission,
  accessRequestPermission,
  ANNOTATION_TENANT,
  bucketReadPermission,
  bucketRequestPermission,
  requestReadPermission,
  requestUpdatePermission,
  setupRequestPermission,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  accessConditions,
  bucketConditions,
  createAccessConditionalDecision,
  createBucketConditionalDecision,
  createRequestConditionalDecision,
  requestConditions,
} from '@rustfs-portal/plugin-rustfs-node';

const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

const PLATFORM = 'group:default/platform';
const CONTRACTORS = 'group:default/contractors';

/** For everyone who is signed in. The permissions of other plugins of a portal belong here, or into a rule of their own. */
const OPEN = new Set([
  'catalog.entity.create',
  'catalog.entity.refresh',
  'catalog.entity.validate',
  'catalog.location.analyze',
  'catalog.location.create',
  'catalog.location.read',
  'scaffolder.action.execute',
  'scaffolder.task.create',
  'scaffolder.template.parameter.read',
  'scaffolder.template.step.read',
]);

const FOR_PLATFORM = new Set([
  'catalog.ingestion.manage',
  'catalog.ingestion.read',
  'catalog.location.delete',
  // Both run templates that somebody has just written, with any action.
  'scaffolder.template.dry-run',
  'scaffolder.template.management',
  setupRequestPermission.name,
  tenantReadPermission.name,
]);

/**
 * An example of a policy for a portal with storage. Teams see and ask for the storage of what they own, the platform team
 * sees everything, contractors see no storage at all. The same holds for tenants and buckets as entities of the catalog,
 * and for the tasks of templates, whose parameters say what was asked for: people see and cancel their own.
 *
 * A permission that is not named here is refused to everyone, so that one that comes with an upgrade is decided on by
 * somebody.
 */
export class StoragePolicy implements PermissionPolicy {
  async handle(
    { permission }: PolicyQuery,
    user?: PolicyQueryUser,
  ): Promise<PolicyDecision> {
    if (!user) {
      return DENY;
    }
    const { ownershipEntityRefs: claims, userEntityRef } = user.info;
    const isPlatform =
      claims.includes(PLATFORM) && !claims.includes(CONTRACTORS);
    const unlessPlatform = (decision: PolicyDecision) =>
      isPlatform ? ALLOW : decision;

    if (OPEN.has(permission.name)) {
      return ALLOW;
    }
    if (FOR_PLATFORM.has(permission.name)) {
      return unlessPlatform(DENY);
    }
    if (isPermission(permission, catalogEntityReadPermission)) {
      return unlessPlatform(
        createCatalogConditionalDecision(permission, {
          anyOf: [
            { not: catalogConditions.isEntityKind({ kinds: ['Resource'] }) },
            {
              not: catalogConditions.hasAnnotation({
                annotation: ANNOTATION_TENANT,
              }),
            },
            ...(claims.includes(CONTRACTORS)
              ? []
              : [catalogConditions.isEntityOwner({ claims })]),
          ],
        }),
      );
    }
    if (isPermission(permission, catalogEntityDeletePermission)) {
      return unlessPlatform(
        createCatalogConditionalDecision(
          permission,
          catalogConditions.isEntityOwner({ claims }),
        ),
      );
    }
    if (
      isPermission(permission, taskReadPermission) ||
      isPermission(permission, taskCancelPermission)
    ) {
      return unlessPlatform(
        createScaffolderTaskConditionalDecision(
          permission,
          scaffolderTaskConditions.isTaskOwner({ createdBy: [userEntityRef] }),
        ),
      );
    }
    if (claims.includes(CONTRACTORS)) {
      return DENY;
    }
    if (
      isPermission(permission, storageReadPermission) ||
      isPermission(permission, bucketRequestPermission) ||
      isPermission(permission, accessRequestPermission)
    ) {
      return unlessPlatform(
        createCatalogConditionalDecision(
          permission,
          catalogConditions.isEntityOwner({ claims }),
        ),
      );
    }
    if (isPermission(permission, bucketReadPermission)) {
      return unlessPlatform(
        createBucketConditionalDecision(
          permission,
          bucketConditions.isOwnedBy({ owners: claims }),
        ),
      );
    }
    if (isPermission(permission, accessReadPermission)) {
      return unlessPlatform(
        createAccessConditionalDecision(
          permission,
          accessConditions.isOwnedBy({ owners: claims }),
        ),
      );
    }
    if (isPermission(permission, requestReadPermission)) {
      return unlessPlatform(
        createRequestConditionalDecision(permission, {
          anyOf: [
            requestConditions.isOwnedBy({ owners: claims }),
            requestConditions.isRequestedBy({ users: [userEntityRef] }),
          ],
        }),
      );
    }
    if (isPermission(permission, requestUpdatePermission)) {
      return createRequestConditionalDecision(
        permission,
        requestConditions.isRequestedBy({ users: [user.info.userEntityRef] }),
      );
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
