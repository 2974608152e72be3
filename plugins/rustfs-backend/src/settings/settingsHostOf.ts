import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';

/** What makes servers agree with bucket records. */
export type SettingsHost = 'portal' | 'setup-program';

/** One host for each record: two that set one thing would undo each other's work. */
const HOSTS: Record<NonNullable<TenantFacts['layout']>, SettingsHost> = {
  'operator-tenant': 'portal',
  'setup-folder': 'setup-program',
};

/** What sets the buckets of a tenant as their records say; undefined where nothing is declared for it. */
export function settingsHostOf({
  layout,
}: Pick<TenantFacts, 'layout'>): SettingsHost | undefined {
  return layout && HOSTS[layout];
}
