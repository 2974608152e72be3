import {
  CommitDecision,
  NameCheck,
  RequestOptions,
  RequestPreview,
  RequestState,
  RequestSubmission,
  StorageRequest,
  StorageRequestPage,
} from '../requests';
import {
  AccessView,
  BucketView,
  EntityStorage,
  TenantView,
  ViewList,
} from '../views';

/**
 * Options of one call.
 *
 * @public
 */
export interface CallOptions {
  signal?: AbortSignal;
  /** Backstage token, where the fetch that was handed in does not add one. */
  token?: string;
}

/**
 * The backend's HTTP interface. Every call throws `ResponseError` of `@backstage/errors` when the backend refuses or fails.
 *
 * @public
 */
export interface RustfsApi {
  /** Storage of one entity; needs the entity to be readable and `rustfs.storage.read` on it. */
  getEntityStorage(
    entityRef: string,
    options?: CallOptions,
  ): Promise<EntityStorage>;
  /** What the form may offer for an entity; needs `rustfs.bucket.request` or `rustfs.access.request` on it. */
  getRequestOptions(
    entityRef: string,
    options?: CallOptions,
  ): Promise<RequestOptions>;
  /** Whether a bucket name can be asked for. */
  checkBucketName(
    query: { entityRef: string; tenant: string; bucket: string },
    options?: CallOptions,
  ): Promise<NameCheck>;
  /** The pull request that the request would open. Changes nothing. */
  previewRequest(
    request: RequestSubmission,
    options?: CallOptions,
  ): Promise<RequestPreview>;
  /**
   * Asks for something. The same `key` of the same person always leads to the same request; the same key with another
   * content is refused with 409.
   */
  createRequest(
    request: RequestSubmission,
    options: CallOptions & { key: string },
  ): Promise<StorageRequest>;
  /** Requests that the caller may see, newest first. */
  listRequests(
    query?: {
      entityRef?: string;
      state?: RequestState[];
      mine?: boolean;
      limit?: number;
      cursor?: string;
    },
    options?: CallOptions,
  ): Promise<StorageRequestPage>;
  getRequest(id: string, options?: CallOptions): Promise<StorageRequest>;
  /**
   * Closes the pull request of an own open request. Twice is fine; 409 when it is merged or has ended; needs
   * `rustfs.request.update`.
   */
  withdrawRequest(id: string, options?: CallOptions): Promise<StorageRequest>;
  /**
   * Takes up an own request that was closed or withdrawn: the same pull request is opened again. 409 when it is merged,
   * or the name is taken meanwhile; needs `rustfs.request.update`, and on the entity the right to ask for it.
   */
  reopenRequest(id: string, options?: CallOptions): Promise<StorageRequest>;
  /**
   * Says what becomes of a commit of somebody else on the branch of a request: it is kept, or replaced by what was asked
   * for. 409 when there is another by now; needs `rustfs.request.update`.
   */
  decideOnCommit(
    id: string,
    decision: CommitDecision,
    options?: CallOptions,
  ): Promise<StorageRequest>;
  /** Tenants with their state; needs `rustfs.tenant.read`. */
  listTenants(options?: CallOptions): Promise<ViewList<TenantView>>;
  getTenant(ref: string, options?: CallOptions): Promise<TenantView>;
  /** Buckets of all tenants, or of one, that the caller may see by `rustfs.bucket.read`. */
  listBuckets(
    options?: CallOptions & { tenant?: string },
  ): Promise<ViewList<BucketView>>;
  /** Accesses on all tenants, or on one, that the caller may see by `rustfs.access.read`. */
  listAccesses(
    options?: CallOptions & { tenant?: string },
  ): Promise<ViewList<AccessView>>;
}

/**
 * The channel on which the backend says that a request has moved: `{ id, entityRef, state }`. Read the request again.
 *
 * @public
 */
export const REQUESTS_SIGNAL_CHANNEL = 'rustfs:requests';

/**
 * The topic on which the backend says the same to plugins when the state of a request is another.
 *
 * @public
 */
export const REQUEST_EVENT_TOPIC = 'rustfs.request';

/**
 * A message on {@link REQUESTS_SIGNAL_CHANNEL} and {@link REQUEST_EVENT_TOPIC}.
 *
 * @public
 */
export type RequestSignal = {
  id: string;
  entityRef: string;
  state: RequestState;
};
