import {
  AuthorizeResult,
  PolicyDecision,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import {
  tenantReadPermission,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { ListOptions, RecordedFacts } from '../inventory';
import { parseInput } from '../parseInput';
import { keepVisible } from './keepVisible';
import { tenantQuerySchema } from './parse';

/** What stands in lists for all tenants, as far as decisions rest on it. */
type Listed = RecordedFacts | Pick<RecordedFacts, 'id' | 'tenant'>;

/**
 * The list of one kind of things on all tenants, or on one, as far as the caller may see it. Who sees everything, and the
 * tenants as well, is told why something cannot be read.
 */
export function createListRoutes<T extends RecordedFacts>(options: {
  access: Access;
  permission: ResourcePermission;
  isAllowed: (decision: PolicyDecision, item: Listed) => boolean;
  list: (
    tenants: string[] | undefined,
    options: ListOptions,
  ) => Promise<ViewList<T>>;
}): Router {
  const { access, isAllowed, list, permission } = options;
  const router = PromiseRouter();

  router.get('/', async (req, res) => {
    const { tenant } = parseInput(tenantQuerySchema, req.query);
    const decision = await access.list(req, permission, {
      allow: ['user', 'service'],
    });
    const isVisible = (item: Listed) => isAllowed(decision, item);
    const isWhole =
      decision.result === AuthorizeResult.ALLOW &&
      (await access.isAllowed(req, { permission: tenantReadPermission }));
    const listed = await list(
      tenant ? [tenant] : undefined,
      isWhole ? { audience: 'platform' } : { isWanted: isVisible },
    );
    res.json(isWhole ? listed : keepVisible(listed, isVisible));
  });

  return router;
}
