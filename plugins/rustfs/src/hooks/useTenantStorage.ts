import { useApi } from '@backstage/frontend-plugin-api';
import {
  AccessView,
  BucketView,
  RustfsApi,
} from '@rustfs-portal/plugin-rustfs-common';
import { rustfsApiRef } from '../api';
import { Loaded, useLoaded } from './useLoaded';

/** What is on a tenant, as far as the person may see it. */
export interface TenantStorage {
  /** Those of the entity, and those of others that the person may see. */
  buckets: BucketView[];
  accesses: AccessView[];
}

/** The buckets and accesses on the tenant of a form: those of its entity, and of others what may be seen. */
export function useTenantStorage(query: {
  entityRef?: string;
  tenant?: string;
}): Loaded<TenantStorage> {
  const { entityRef, tenant } = query;
  const rustfsApi = useApi(rustfsApiRef);
  return useLoaded(
    entityRef && tenant ? JSON.stringify([entityRef, tenant]) : undefined,
    signal => loadTenantStorage(rustfsApi, entityRef!, tenant!, signal),
  );
}

async function loadTenantStorage(
  rustfsApi: RustfsApi,
  entityRef: string,
  tenant: string,
  signal: AbortSignal,
): Promise<TenantStorage> {
  // Who may not see lists of all has what is the entity's own.
  const none = () => ({ items: [] });
  const [own, buckets, accesses] = await Promise.all([
    rustfsApi.getEntityStorage(entityRef, { signal }),
    rustfsApi.listBuckets({ tenant, signal }).catch(none),
    rustfsApi.listAccesses({ tenant, signal }).catch(none),
  ]);
  return {
    buckets: merge(own.buckets, buckets.items, tenant),
    accesses: merge(own.accesses, accesses.items, tenant),
  };
}

function merge<T extends { id: string; tenant: string; name: string }>(
  own: T[],
  all: T[],
  tenant: string,
): T[] {
  return [...new Map([...all, ...own].map(item => [item.id, item])).values()]
    .filter(item => item.tenant === tenant)
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
