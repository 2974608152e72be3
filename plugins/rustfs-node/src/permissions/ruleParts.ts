import { z } from 'zod';

/** The refs as they are compared: entity refs do not differ by case. */
export function lower(refs: string[]): string[] {
  return refs.map(ref => ref.toLowerCase());
}

const ownersSchema = z.object({
  owners: z
    .array(z.string())
    .describe('Entity refs, for example group:default/checkout'),
});

const tenantsSchema = z.object({
  tenants: z
    .array(z.string())
    .describe('Tenant refs, for example prod/storage/media'),
});

/** What all rules have that decide by the owner; who has none is nobody's. */
export const byOwner = {
  name: 'IS_OWNED_BY',
  paramsSchema: ownersSchema,
  apply: (
    { owner }: { owner?: string },
    { owners }: z.output<typeof ownersSchema>,
  ) => owner !== undefined && lower(owners).includes(owner.toLowerCase()),
  toQuery: ({ owners }: z.output<typeof ownersSchema>) => ({
    key: 'owner' as const,
    values: lower(owners),
  }),
};

/** What all rules have that decide by the tenant. */
export const byTenant = {
  name: 'IN_TENANT',
  paramsSchema: tenantsSchema,
  apply: (
    { tenant }: { tenant: string },
    { tenants }: z.output<typeof tenantsSchema>,
  ) => tenants.includes(tenant),
  toQuery: ({ tenants }: z.output<typeof tenantsSchema>) => ({
    key: 'tenant' as const,
    values: tenants,
  }),
};
