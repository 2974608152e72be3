import { randomUUID } from 'node:crypto';
import { parseEntityRef } from '@backstage/catalog-model';
import {
  ConflictError,
  InputError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  BucketRequest,
  DATA_CLASSES,
  NameCheck,
  Problem,
  RequestOptions,
  RequestPreview,
  StorageRequest,
  StorageRequestPage,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { plan } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { createInputError } from '../errors';
import {
  checkName,
  checkRequest,
  describeGuardrails,
  GuardrailRule,
  Guardrails,
  resolveGuardrails,
  suggestName,
} from '../guardrails';
import { Inventory, problemsAbout } from '../inventory';
import { RequestListQuery, RequestStore } from '../ledger';
import { explainRefusal, RequestSubmitter } from './RequestSubmitter';
import { RequestTargets } from './RequestTargets';

/** Stands in a preview where the id of the request will be, which is given when it is asked. */
const ID_OF_PREVIEW = 'id-of-this-request';

/** How long one request may wait for another that opens the same pull request. */
const LOCK_WAIT_MS = 30_000;

/** The entity that something is asked for; the caller has been authorized for it. */
export interface AskingEntity {
  /** Entity ref, as the catalog writes it. */
  ref: string;
  owner?: string;
}

/** The one door to storage requests, whichever way somebody comes. It does not authorize. */
export class RequestService {
  readonly #guardrails: GuardrailRule[];
  readonly #inventory: Pick<
    Inventory,
    'listTenants' | 'getTenant' | 'listBuckets'
  >;
  readonly #store: RequestStore;
  readonly #submitter: RequestSubmitter;
  readonly #targets: RequestTargets;
  readonly #titles: ReadonlyMap<string, string>;

  constructor(options: {
    guardrails: GuardrailRule[];
    inventory: Pick<Inventory, 'listTenants' | 'getTenant' | 'listBuckets'>;
    store: RequestStore;
    submitter: RequestSubmitter;
    targets: RequestTargets;
    /** Names of tenants for people, by ref. */
    titles: ReadonlyMap<string, string>;
  }) {
    this.#guardrails = options.guardrails;
    this.#inventory = options.inventory;
    this.#store = options.store;
    this.#submitter = options.submitter;
    this.#targets = options.targets;
    this.#titles = options.titles;
  }

  /** What the form offers for an entity. */
  async options(entity: AskingEntity): Promise<RequestOptions> {
    const owner = requireOwner(entity);
    const list = await this.#inventory.listTenants();
    const offered = list.items
      .map(view => ({
        view,
        guardrails: this.#resolve(owner, view.ref),
      }))
      .filter(({ guardrails }) => guardrails.allow);
    const best = offered.find(
      ({ view }) => !this.#whyUnavailable(view, list.problems),
    );
    return {
      entityRef: entity.ref,
      owner,
      tenants: offered.map(({ view, guardrails }) => {
        const { allow, reviewers, ...limits } = guardrails;
        return {
          ...limits,
          ref: view.ref,
          title: this.#titles.get(view.ref) ?? view.ref,
          unavailable: this.#whyUnavailable(view, list.problems),
        };
      }),
      dataClasses: [...DATA_CLASSES],
      suggestedName:
        best &&
        (await this.#suggest(entity, owner, best.view.ref, best.guardrails)),
      problems: problemsAbout(
        list.problems,
        offered.map(({ view }) => view.ref),
      ),
    };
  }

  /** The verdict on a name, against the rules, the buckets that exist and the requests under way. */
  async checkName(
    entity: AskingEntity,
    query: { tenant: string; bucket: string },
  ): Promise<NameCheck> {
    const { tenant, bucket } = query;
    const owner = requireOwner(entity);
    const guardrails = this.#resolveAllowed(owner, tenant);
    const issues = checkName(bucket, guardrails);
    const taken = await this.#takenNames(tenant);
    // Of a name that is not theirs to ask for, nobody needs to know whether it is there.
    if (issues.length > 0) {
      // What is wrong with it is said already.
    } else if (taken.existing.has(bucket)) {
      issues.push({
        code: 'exists',
        message: `There is a bucket ${bucket} on ${tenant} already.`,
      });
    } else if (taken.requested.has(bucket)) {
      issues.push({
        code: 'requested',
        message: `Somebody has asked for ${bucket} on ${tenant}; that request is still open.`,
      });
    }
    return {
      ok: issues.length === 0,
      issues,
      suggestion: issues.length
        ? suggestName({
            entityName: bucket,
            ownerName: parseEntityRef(owner).name,
            guardrails,
            isTaken: taken.includes,
          })
        : undefined,
      problems: taken.problems,
    };
  }

  /** The pull request that a request would open. */
  async preview(
    entity: AskingEntity,
    input: BucketRequest,
    requestedBy: string,
  ): Promise<RequestPreview> {
    const { request, guardrails } = this.#draft(entity, input, requestedBy);
    const { tenant } = request.input;
    checkGuardrails(request, guardrails);
    await this.#refuseTaken(request);
    const located = await this.#targets.locate(tenant);
    const snapshot = await located.forge.readFolder({
      repository: located.repository,
      ref: located.delivery.baseBranch,
      folder: located.delivery.folder,
    });
    const result = plan(
      this.#submitter.toChange({ ...request, id: ID_OF_PREVIEW }),
      snapshot,
      located.target,
    );
    if (result.outcome !== 'change') {
      throw explainRefusal(request, result);
    }
    const { changeSet } = result;
    return {
      repository: located.delivery.repository,
      branch: changeSet.branch,
      baseBranch: changeSet.baseBranch,
      title: changeSet.title,
      body: changeSet.body,
      files: changeSet.files.map(({ path, operation, diff }) => ({
        path,
        operation,
        diff,
      })),
      reviewers: guardrails.reviewers,
      guardrails: describeGuardrails(guardrails),
    };
  }

  /**
   * Asks for a bucket. What was accepted is in the ledger before anything else happens, so that it survives a forge that
   * does not answer.
   *
   * @throws InputError when a value cannot be
   * @throws ConflictError when the bucket is there or asked for already, or the key belongs to another request
   */
  async submit(
    entity: AskingEntity,
    input: BucketRequest,
    options: { requestedBy: string; key: string },
  ): Promise<StorageRequest> {
    const { key, requestedBy } = options;
    const { request, guardrails } = this.#draft(entity, input, requestedBy);
    const entry = { request, key, reviewers: guardrails.reviewers };
    // One that was accepted stays so, whatever the rules are now.
    const known = await this.#store.findByKey(entry);
    if (!known) {
      checkGuardrails(request, guardrails);
      await this.#refuseExisting(request);
    }
    // The ledger itself refuses a bucket that somebody else asks for; asked before, the same call at the same time would
    // be taken for somebody else.
    const { record, created } = known
      ? { record: known, created: false }
      : await this.#store.create(entry);
    const outcome = await this.#submitter.submit(record.request.id, {
      waitMs: LOCK_WAIT_MS,
    });
    if (outcome?.outcome === 'refused') {
      // One from before was promised to be kept: the follower writes down why it cannot be.
      if (created) {
        await this.#store.remove(record);
      }
      throw outcome.error;
    }
    if (!outcome) {
      throw new ConflictError(
        'The same request was refused a moment ago: see the answer to it',
      );
    }
    return outcome.record.request;
  }

  async list(query: RequestListQuery): Promise<StorageRequestPage> {
    return this.#store.list(query);
  }

  /** @throws NotFoundError when there is no such request */
  async get(id: string): Promise<StorageRequest> {
    // What cannot be an id is not asked for: databases answer some of it with errors that quote the query.
    const record = /^[\w-]{1,36}$/.test(id)
      ? await this.#store.get(id)
      : undefined;
    if (!record) {
      throw createNotFoundError(id);
    }
    return record.request;
  }

  /**
   * Whether a request that has ended may be asked for once more as it is, by the rules of today.
   *
   * @throws InputError when a guardrail is against it, or the entity has another owner by now
   * @throws ConflictError when the bucket is there or asked for already
   */
  async checkAgain(
    entity: AskingEntity,
    request: StorageRequest,
  ): Promise<void> {
    const owner = requireOwner(entity);
    if (owner !== request.owner) {
      throw new ConflictError(
        `${entity.ref} belongs to ${owner} by now, and this was asked for ${request.owner}: ask again instead`,
      );
    }
    checkGuardrails(request, this.#resolve(owner, request.input.tenant));
    await this.#refuseTaken(request);
  }

  /** A request as it would go into the ledger, with the guardrails for it. */
  #draft(entity: AskingEntity, input: BucketRequest, requestedBy: string) {
    const owner = requireOwner(entity);
    const now = new Date().toISOString();
    const request: StorageRequest = {
      id: randomUUID(),
      kind: 'bucket',
      input: { ...input, entityRef: entity.ref },
      entityRef: entity.ref,
      owner,
      requestedBy,
      createdAt: now,
      updatedAt: now,
      state: 'submitting',
      waitingFor: 'The pull request is being opened',
      trail: [
        {
          state: 'submitting',
          at: now,
          source: 'portal',
          message: `Requested by ${requestedBy}`,
        },
      ],
      problems: [],
    };
    return { request, guardrails: this.#resolve(owner, input.tenant) };
  }

  async #refuseTaken(request: StorageRequest): Promise<void> {
    await this.#refuseExisting(request);
    const { tenant, bucket } = request.input;
    if ((await this.#store.listRequested(tenant)).includes(bucket)) {
      throw new ConflictError(
        `bucket: there is an open request for ${bucket} on ${tenant} already; wait for it, or choose another name`,
      );
    }
  }

  async #refuseExisting({ input }: StorageRequest): Promise<void> {
    const { tenant, bucket } = input;
    const view = await this.#inventory.getTenant(tenant);
    if (view && isServerUnread(view)) {
      throw new ServiceUnavailableError(
        `Which buckets there are on ${tenant} cannot be read at present, so nobody knows whether ${bucket} is free: try again later`,
      );
    }
    const { existing } = await this.#takenNames(tenant);
    if (existing.has(bucket)) {
      throw new ConflictError(
        `bucket: there is a bucket ${bucket} on ${tenant} already; choose another name`,
      );
    }
  }

  async #takenNames(tenant: string) {
    const [{ items, problems }, open] = await Promise.all([
      this.#inventory.listBuckets([tenant]),
      this.#store.listRequested(tenant),
    ]);
    const existing = new Set(items.map(({ name }) => name));
    const requested = new Set(open);
    return {
      existing,
      requested,
      includes: (name: string) => existing.has(name) || requested.has(name),
      problems: problemsAbout(problems, [tenant]),
    };
  }

  async #suggest(
    entity: AskingEntity,
    owner: string,
    tenant: string,
    guardrails: Guardrails,
  ) {
    const { includes } = await this.#takenNames(tenant);
    return suggestName({
      entityName: parseEntityRef(entity.ref).name,
      ownerName: parseEntityRef(owner).name,
      guardrails,
      isTaken: includes,
    });
  }

  #whyUnavailable(view: TenantView, problems: Problem[]): string | undefined {
    if (view.state === 'unreachable') {
      // Addresses and causes are for the platform team, which sees them in the list of tenants.
      return 'Its server does not answer at present';
    }
    return isServerUnread(view)
      ? 'What is on its server cannot be read at present'
      : this.#targets.whyNot(view, problems);
  }

  #resolve(owner: string, tenant: string): Guardrails {
    return resolveGuardrails(this.#guardrails, { owner, tenant });
  }

  #resolveAllowed(owner: string, tenant: string): Guardrails {
    const guardrails = this.#resolve(owner, tenant);
    if (!guardrails.allow) {
      throw createInputError([
        {
          field: 'tenant',
          message: `${owner} may not ask for buckets on ${tenant}: choose a tenant that the form offers`,
        },
      ]);
    }
    return guardrails;
  }
}

/** The answer for a request that is not there, and for one that the caller may not see. */
export function createNotFoundError(id: string): NotFoundError {
  return new NotFoundError(
    `No request ${id}: it does not exist, or you may not see it`,
  );
}

function checkGuardrails(request: StorageRequest, guardrails: Guardrails) {
  const issues = checkRequest(request.input, guardrails, request.owner);
  if (issues.length) {
    throw createInputError(issues);
  }
}

/** Whether the portal has never learned what is on a server that it is meant to know. */
function isServerUnread({ buckets, problems }: TenantView): boolean {
  return (
    buckets === undefined &&
    problems.every(({ code }) => code !== 'tenant-not-configured')
  );
}

function requireOwner({ ref, owner }: AskingEntity): string {
  if (!owner) {
    throw new InputError(
      `entityRef: ${ref} has no owner that could own a bucket; set spec.owner, for example group:default/checkout`,
    );
  }
  return owner;
}
