import { Entity, stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import {
  EntityStorage,
  getRepresentedTenant,
  RustfsApi,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { useEffect, useRef } from 'react';
import { rustfsApiRef } from '../api';
import { kindOf } from '../kinds';
import { SETTLING_MS, SETTLING_POLL_MS } from '../lib/settling';
import { Loaded, useLoaded } from './useLoaded';
import { usePolling } from './usePolling';

const POLL_MS = 60_000;

/**
 * The storage of an entity; of one that stands for a tenant, all buckets there that the person may see. It is read again every minute, when one of its requests moves, and more often for a while
 * after that until what it made shows.
 */
export function useEntityStorage(
  entity: Entity,
  requests: StorageRequest[] = [],
): Loaded<EntityStorage> {
  const rustfsApi = useApi(rustfsApiRef);
  const storage = useLoaded(stringifyEntityRef(entity), signal =>
    loadStorage(rustfsApi, entity, signal),
  );
  const { reload, isLoading } = storage;

  const states = requests.map(r => `${r.id} ${r.state}`).join();
  const knownStates = useRef(states);
  useEffect(() => {
    // The first list of requests is not a move.
    if (knownStates.current && knownStates.current !== states) {
      reload();
    }
    knownStates.current = states;
  }, [states, reload]);

  usePolling(() => !isLoading && reload(), {
    isActive: Boolean(storage.value),
    intervalMs:
      storage.value && isSettling(storage.value, requests)
        ? SETTLING_POLL_MS
        : POLL_MS,
  });
  return storage;
}

async function loadStorage(
  rustfsApi: RustfsApi,
  entity: Entity,
  signal: AbortSignal,
): Promise<EntityStorage> {
  const tenant = getRepresentedTenant(entity);
  const [storage, list] = await Promise.all([
    rustfsApi.getEntityStorage(stringifyEntityRef(entity), { signal }),
    tenant ? rustfsApi.listBuckets({ tenant, signal }) : undefined,
  ]);
  return list
    ? {
        ...storage,
        buckets: list.items,
        problems: [...storage.problems, ...list.problems],
      }
    : storage;
}

function isSettling(storage: EntityStorage, requests: StorageRequest[]) {
  return requests.some(
    request =>
      (request.state === 'applied' || request.state === 'ready') &&
      !kindOf(request).isShown(storage) &&
      Date.now() - Date.parse(request.updatedAt) < SETTLING_MS,
  );
}
