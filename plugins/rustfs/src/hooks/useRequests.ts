import { useApi } from '@backstage/frontend-plugin-api';
import { useSignal } from '@backstage/plugin-signals-react';
import {
  REQUESTS_SIGNAL_CHANNEL,
  RequestSignal,
  RustfsApi,
  StorageRequest,
  StorageRequestPage,
} from '@rustfs-portal/plugin-rustfs-common';
import { useEffect } from 'react';
import { rustfsApiRef } from '../api';
import { isFinal } from '../lib/trail';
import { Loaded, useLoaded } from './useLoaded';
import { usePolling } from './usePolling';

/** How often a request that is under way is read again; signals make it faster where they are installed. */
export const REQUEST_POLL_MS = 4_000;

type RequestQuery = NonNullable<Parameters<RustfsApi['listRequests']>[0]>;

/** Requests, kept up to date while one of them is under way. */
export function useRequests(query: RequestQuery): Loaded<StorageRequestPage> {
  const rustfsApi = useApi(rustfsApiRef);
  const requests = useLoaded(JSON.stringify(query), signal =>
    rustfsApi.listRequests(query, { signal }),
  );
  useFollow(requests, {
    isActive: Boolean(requests.value?.items.some(r => !isFinal(r.state))),
    concerns: signal =>
      !query.entityRef || signal.entityRef === query.entityRef,
  });
  return requests;
}

/** One request, kept up to date while it is under way. */
export function useRequest(id: string): Loaded<StorageRequest> {
  const rustfsApi = useApi(rustfsApiRef);
  const request = useLoaded(id, signal => rustfsApi.getRequest(id, { signal }));
  useFollow(request, {
    isActive: Boolean(request.value && !isFinal(request.value.state)),
    concerns: signal => signal.id === id,
  });
  return request;
}

function useFollow<T>(
  loaded: Loaded<T>,
  options: {
    isActive: boolean;
    concerns: (signal: RequestSignal) => boolean;
  },
): void {
  const { reload, isLoading } = loaded;
  const { isActive, concerns } = options;
  const { lastSignal } = useSignal<RequestSignal>(REQUESTS_SIGNAL_CHANNEL);

  useEffect(() => {
    if (lastSignal && concerns(lastSignal)) {
      reload();
    }
    // Only a new signal is a reason to load; `concerns` is made anew with every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [lastSignal, reload]);

  // A slow answer is waited for: asking again would drop it, and asking again and again would never show any.
  usePolling(() => !isLoading && reload(), {
    isActive,
    intervalMs: REQUEST_POLL_MS,
  });
}
