import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';

/**
 * Whether the portal sets the buckets of a tenant as their records say: only where whoever found the tenant says so, and one
 * host for each record, as two that set one thing would undo each other's work. Where nothing is declared, nobody does.
 */
export function isSettledByPortal({
  layout,
  settledBy,
}: Pick<TenantFacts, 'layout' | 'settledBy'>): boolean {
  return layout !== undefined && settledBy === 'portal';
}
