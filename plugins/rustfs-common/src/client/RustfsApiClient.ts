import { parseEntityRef } from '@backstage/catalog-model';
import { ResponseError } from '@backstage/errors';
import {
  CommitDecision,
  NameCheck,
  RequestOptions,
  RequestPreview,
  RequestSubmission,
  StorageRequest,
  StorageRequestPage,
} from '../requests';
import { parseTenantRef } from '../refs';
import {
  AccessView,
  BucketView,
  EntityStorage,
  TenantView,
  ViewList,
} from '../views';
import { CallOptions, RustfsApi } from './RustfsApi';

/**
 * {@link RustfsApi} over HTTP, for browsers and for Node.
 *
 * @public
 */
export class RustfsApiClient implements RustfsApi {
  readonly #discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
  readonly #fetchApi: { fetch: typeof fetch };

  constructor(options: {
    discoveryApi: { getBaseUrl(pluginId: string): Promise<string> };
    fetchApi: { fetch: typeof fetch };
  }) {
    this.#discoveryApi = options.discoveryApi;
    this.#fetchApi = options.fetchApi;
  }

  async getEntityStorage(entityRef: string, options?: CallOptions) {
    return this.#get<EntityStorage>(
      `${entityPath(entityRef)}/storage`,
      options,
    );
  }

  async getRequestOptions(entityRef: string, options?: CallOptions) {
    return this.#get<RequestOptions>(
      `${entityPath(entityRef)}/request-options`,
      options,
    );
  }

  async checkBucketName(
    query: { entityRef: string; tenant: string; bucket: string },
    options?: CallOptions,
  ) {
    return this.#post<NameCheck>('/requests/check-name', query, options);
  }

  async previewRequest(request: RequestSubmission, options?: CallOptions) {
    return this.#post<RequestPreview>('/requests/preview', request, options);
  }

  async createRequest(
    request: RequestSubmission,
    options: CallOptions & { key: string },
  ) {
    return this.#call<StorageRequest>('/requests', options, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': options.key,
      },
      body: JSON.stringify(request),
    });
  }

  async listRequests(
    query: Parameters<RustfsApi['listRequests']>[0] = {},
    options?: CallOptions,
  ) {
    const params = new URLSearchParams();
    if (query.entityRef) params.set('entityRef', query.entityRef);
    for (const state of query.state ?? []) params.append('state', state);
    if (query.mine) params.set('mine', 'true');
    if (query.limit) params.set('limit', String(query.limit));
    if (query.cursor) params.set('cursor', query.cursor);
    return this.#get<StorageRequestPage>(`/requests?${params}`, options);
  }

  async getRequest(id: string, options?: CallOptions) {
    return this.#get<StorageRequest>(
      `/requests/${encodeURIComponent(id)}`,
      options,
    );
  }

  async withdrawRequest(id: string, options?: CallOptions) {
    return this.#post<StorageRequest>(
      `/requests/${encodeURIComponent(id)}/withdraw`,
      {},
      options,
    );
  }

  async reopenRequest(id: string, options?: CallOptions) {
    return this.#post<StorageRequest>(
      `/requests/${encodeURIComponent(id)}/reopen`,
      {},
      options,
    );
  }

  async decideOnCommit(
    id: string,
    decision: CommitDecision,
    options?: CallOptions,
  ) {
    return this.#post<StorageRequest>(
      `/requests/${encodeURIComponent(id)}/commit`,
      decision,
      options,
    );
  }

  async listTenants(options?: CallOptions) {
    return this.#get<ViewList<TenantView>>('/tenants', options);
  }

  async getTenant(ref: string, options?: CallOptions) {
    const { cluster, namespace, name } = parseTenantRef(ref);
    return this.#get<TenantView>(
      `/tenants/${cluster}/${namespace}/${name}`,
      options,
    );
  }

  async listBuckets(options?: CallOptions & { tenant?: string }) {
    return this.#get<ViewList<BucketView>>(
      `/buckets${tenantQuery(options)}`,
      options,
    );
  }

  async listAccesses(options?: CallOptions & { tenant?: string }) {
    return this.#get<ViewList<AccessView>>(
      `/access${tenantQuery(options)}`,
      options,
    );
  }

  #get<T>(path: string, options?: CallOptions) {
    return this.#call<T>(path, options, {});
  }

  #post<T>(path: string, body: unknown, options?: CallOptions) {
    return this.#call<T>(path, options, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async #call<T>(
    path: string,
    options: CallOptions | undefined,
    init: RequestInit,
  ): Promise<T> {
    const baseUrl = await this.#discoveryApi.getBaseUrl('rustfs');
    const response = await this.#fetchApi.fetch(`${baseUrl}${path}`, {
      ...init,
      signal: options?.signal,
      headers: {
        ...init.headers,
        ...(options?.token && { Authorization: `Bearer ${options.token}` }),
      },
    });
    if (!response.ok) {
      throw await ResponseError.fromResponse(response);
    }
    return response.json();
  }
}

function tenantQuery({ tenant }: { tenant?: string } = {}) {
  return tenant ? `?${new URLSearchParams({ tenant })}` : '';
}

function entityPath(entityRef: string) {
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return `/entities/${[kind, namespace, name]
    .map(segment => encodeURIComponent(segment.toLocaleLowerCase('en-US')))
    .join('/')}`;
}
