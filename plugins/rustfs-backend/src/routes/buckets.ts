import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  bucketReadPermission,
  BucketView,
  parseTenantRef,
  stringifyTenantRef,
  tenantReadPermission,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import { bucketResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { Access } from '../access';
import { Inventory, problemsAbout } from '../inventory';
import { textOf } from '../textOf';
import { parseInput } from './parse';

const querySchema = z.object({
  /** Only the buckets of this tenant. */
  tenant: textOf(text => stringifyTenantRef(parseTenantRef(text))).optional(),
});

/** `/buckets`: the buckets of all tenants, as far as the caller may see them. */
export function createBucketRoutes(options: {
  access: Access;
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, inventory, permissionsRegistry } = options;
  const isVisible = createConditionAuthorizer(
    permissionsRegistry.getPermissionRuleset(bucketResourceRef),
  );
  const router = PromiseRouter();

  router.get('/', async (req, res) => {
    const { tenant } = parseInput(querySchema, req.query);
    const decision = await access.list(req, bucketReadPermission, {
      allow: ['user', 'service'],
    });
    const isWhole =
      decision.result === AuthorizeResult.ALLOW &&
      (await access.isAllowed(req, { permission: tenantReadPermission }));
    const buckets = await inventory.listBuckets(
      tenant ? [tenant] : undefined,
      isWhole
        ? { audience: 'platform' }
        : { isWanted: bucket => isVisible(decision, bucket) },
    );
    res.json(isWhole ? buckets : keepVisible(buckets, decision));
  });

  function keepVisible(
    buckets: ViewList<BucketView>,
    decision: PolicyDecision,
  ): ViewList<BucketView> {
    const items = buckets.items.filter(bucket => isVisible(decision, bucket));
    const tenants = [
      ...items.map(({ tenant }) => tenant),
      // Those whose every bucket may be seen, though there may be none to see at present.
      ...buckets.problems
        .map(({ part }) => part)
        .filter(part => isVisible(decision, { id: `${part}:`, tenant: part })),
    ];
    return {
      ...buckets,
      items,
      problems: problemsAbout(buckets.problems, tenants),
    };
  }

  return router;
}
