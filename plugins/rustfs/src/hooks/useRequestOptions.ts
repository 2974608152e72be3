import { useApi } from '@backstage/frontend-plugin-api';
import {
  RequestOptions,
  RustfsApi,
  TenantOffer,
} from '@rustfs-portal/plugin-rustfs-common';
import { useEffect } from 'react';
import { rustfsApiRef } from '../api';
import { Loaded, useLoaded } from './useLoaded';

const SHARED_MS = 10_000;

type SharedOptions = Map<
  string,
  { since: number; options: Promise<RequestOptions> }
>;

// The fields of one form ask for the same options at the same time.
const shared = new WeakMap<RustfsApi, SharedOptions>();

/**
 * What the request form may offer for an entity.
 *
 * @param tenant - the tenant that is chosen in the form, for fields that come after it
 */
export function useRequestOptions(
  entityRef: string | undefined,
  tenant?: string,
): Loaded<RequestOptions> {
  const rustfsApi = useApi(rustfsApiRef);
  const options = useLoaded(entityRef, () =>
    getSharedOptions(rustfsApi, entityRef!),
  );
  const { error, reload } = options;
  useEffect(() => {
    // A tenant can only be chosen where another field has got the options since.
    if (error && tenant) {
      reload();
    }
    // Only the choice is a reason: a failure alone would ask without end.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [tenant, reload]);
  return options;
}

/** What may be asked for on one tenant. */
export function useTenantOffer(query: {
  entityRef?: string;
  tenant?: string;
}): TenantOffer | undefined {
  const options = useRequestOptions(query.entityRef, query.tenant);
  return options.value?.tenants.find(({ ref }) => ref === query.tenant);
}

/** As {@link useRequestOptions}, for code outside of components. */
export async function getSharedOptions(
  rustfsApi: RustfsApi,
  entityRef: string,
): Promise<RequestOptions> {
  const all = shared.get(rustfsApi) ?? new Map();
  shared.set(rustfsApi, all);
  const last = all.get(entityRef);
  if (last && Date.now() - last.since < SHARED_MS) {
    return last.options;
  }
  const options = rustfsApi.getRequestOptions(entityRef);
  all.set(entityRef, { since: Date.now(), options });
  // A failure is not shared: the next one asks again.
  options.catch(() => all.delete(entityRef));
  return options;
}
