import { randomUUID } from 'node:crypto';
import { parseEntityRef } from '@backstage/catalog-model';
import { ConflictError, NotFoundError } from '@backstage/errors';
import {
  BlueprintFinding,
  DATA_CLASSES,
  FilePreview,
  NameCheck,
  Problem,
  RequestInput,
  RequestOptions,
  RequestPreview,
  StorageRequest,
  StorageRequestPage,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { ChangeSet } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { KindContext, RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { createConflictError, createInputError } from '../errors';
import {
  checkName,
  describeGuardrails,
  Guardrails,
  suggestName,
} from '../guardrails';
import { Inventory, problemsAbout } from '../inventory';
import { createTakenError, RequestListQuery, RequestStore } from '../ledger';
import { isServerUnread, RequestContexts } from './RequestContexts';
import { permissionsOf, RequestKinds } from './RequestKinds';
import { RequestPlanner } from './RequestPlanner';
import { explainRefusal, RequestSubmitter } from './RequestSubmitter';
import { LocatedTarget } from './LocatedTarget';
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
  readonly #contexts: RequestContexts;
  readonly #inventory: Pick<
    Inventory,
    'listTenants' | 'getTenant' | 'listBuckets'
  >;
  readonly #kinds: RequestKinds;
  readonly #planner: Pick<RequestPlanner, 'preview'>;
  readonly #store: RequestStore;
  readonly #submitter: Pick<RequestSubmitter, 'submit'>;
  readonly #targets: RequestTargets;
  readonly #titles: ReadonlyMap<string, string>;

  constructor(options: {
    contexts: RequestContexts;
    inventory: Pick<Inventory, 'listTenants' | 'getTenant' | 'listBuckets'>;
    kinds: RequestKinds;
    planner: Pick<RequestPlanner, 'preview'>;
    store: RequestStore;
    submitter: Pick<RequestSubmitter, 'submit'>;
    targets: RequestTargets;
    /** Names of tenants for people, by ref. */
    titles: ReadonlyMap<string, string>;
  }) {
    this.#contexts = options.contexts;
    this.#inventory = options.inventory;
    this.#kinds = options.kinds;
    this.#planner = options.planner;
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
        const { allow, autoMerge, reviewers, ...limits } = guardrails;
        return {
          ...limits,
          ref: view.ref,
          title: this.#titles.get(view.ref) ?? view.ref,
          unavailable: this.#whyUnavailable(view, list.problems),
        };
      }),
      dataClasses: [...DATA_CLASSES],
      accessModes: this.#contexts.modes,
      secretForms: this.#contexts.forms,
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

  /**
   * Reads what is asked for: `kind`, and the input of that kind beside it.
   *
   * @throws InputError that names every field that is wrong
   */
  parse(body: unknown): { kind: RequestKind; input: RequestInput } {
    const { kind: id = 'bucket-create', ...input } = (
      typeof body === 'object' && body !== null ? body : {}
    ) as { kind?: unknown };
    const kind = this.#kinds.get(String(id));
    return { kind, input: kind.parse(input) };
  }

  /** The permissions that a request needed, and needs to be asked for once more. */
  permissionsOf({ input, kind: id }: StorageRequest) {
    return permissionsOf({ kind: this.#kinds.get(id), input });
  }

  /** The pull request that a request would open. */
  async preview(
    entity: AskingEntity,
    asked: { kind: RequestKind; input: RequestInput },
    requestedBy: string,
  ): Promise<RequestPreview> {
    const { kind } = asked;
    const request = this.#draft(entity, asked, requestedBy);
    const context = await this.#check(kind, request);
    await this.#refuseTaken(kind, request, context);
    const { tenant } = request.subject;
    const consumer = this.#contexts.stageOf(kind, request, context);
    const draft = {
      ...request,
      id: ID_OF_PREVIEW,
      stages: consumer ? 2 : 1,
    };
    const { target, ...located } = await this.#targets.locate(tenant, {
      place: kind.place,
    });
    const { changeSet, findings } = await this.#plan(draft, {
      ...located,
      target: consumer ? { ...target, consumers: 'elsewhere' } : target,
    });
    const later =
      consumer && !consumer.access
        ? await this.#planLater(
            { ...draft, stage: 2 },
            await this.#targets.locateConsumer(tenant, consumer),
          )
        : undefined;
    const guardrails = this.#contexts.resolve(
      request.owner,
      request.subject.tenant,
    );
    return {
      repository: located.delivery.repository,
      branch: changeSet.branch,
      baseBranch: changeSet.baseBranch,
      title: changeSet.title,
      body: changeSet.body,
      files: toFilePreviews(changeSet),
      findings,
      later: later && [later],
      reviewers: guardrails.reviewers,
      guardrails: describeGuardrails(
        guardrails,
        Object.fromEntries(
          kind.subjects(request.input).map(({ type }) => [type, kind.edits]),
        ),
      ),
      approvers: kind.foreign?.(request.input, context) ?? [],
    };
  }

  async #plan(
    request: StorageRequest,
    located: LocatedTarget,
  ): Promise<{ changeSet: ChangeSet; findings?: BlueprintFinding[] }> {
    const { delivery, forge, reads: folder, repository } = located;
    const { baseBranch: ref } = delivery;
    const result = await this.#planner.preview(
      request,
      located,
      await forge.readFolder({ repository, ref, folder }),
    );
    if (result.outcome !== 'change') {
      throw explainRefusal(request, result);
    }
    return result;
  }

  async #planLater(request: StorageRequest, located: LocatedTarget) {
    const { changeSet } = await this.#plan(request, located);
    return {
      repository: located.delivery.repository,
      branch: changeSet.branch,
      baseBranch: changeSet.baseBranch,
      title: changeSet.title,
      files: toFilePreviews(changeSet),
    };
  }

  /**
   * Asks for something. What was accepted is in the ledger before anything else happens, so that it survives a forge that
   * does not answer.
   *
   * @throws InputError when a value cannot be
   * @throws ConflictError when it is there or asked for already, or the key belongs to another request
   */
  async submit(
    entity: AskingEntity,
    asked: { kind: RequestKind; input: RequestInput },
    options: { requestedBy: string; key: string },
  ): Promise<StorageRequest> {
    const { key, requestedBy } = options;
    const { kind } = asked;
    const request = this.#draft(entity, asked, requestedBy);
    // One that was accepted stays so, whatever the rules are now.
    const known = await this.#store.findByKey({ key, request });
    const { record, created } = known
      ? { record: known, created: false }
      : await this.#accept(kind, request, key);
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

  async #accept(kind: RequestKind, request: StorageRequest, key: string) {
    const context = await this.#check(kind, request);
    const consumer = this.#contexts.stageOf(kind, request, context);
    const { reviewers } = this.#contexts.resolve(
      request.owner,
      request.subject.tenant,
    );
    // The ledger itself refuses what somebody else asks for; asked before, the same call at the same time would be taken
    // for somebody else.
    return this.#store.create({
      request: { ...request, stages: consumer ? 2 : 1 },
      key,
      reviewers,
      claims: kind.claims(request.input, context),
      supersedes: kind.supersedes,
      consumer,
    });
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

  /** Has the next rounds look closely at a request, as somebody who may see it does. */
  async markViewed({ id, state }: StorageRequest): Promise<void> {
    if (state === 'proposed') {
      await this.#store.markViewed(id);
    }
  }

  /**
   * Whether a request that has ended may be asked for once more as it is, by the rules of today.
   *
   * @throws InputError when a guardrail is against it, or the entity has another owner by now
   * @throws ConflictError when the bucket is there or asked for already, or what an earlier stage made has ended
   */
  async checkAgain(
    entity: AskingEntity,
    request: StorageRequest,
  ): Promise<void> {
    const owner = requireOwner(entity);
    if (owner !== request.owner) {
      throw createConflictError([
        {
          field: 'entityRef',
          message: `${entity.ref} belongs to ${owner} by now, and this was asked for ${request.owner}: ask again instead`,
        },
      ]);
    }
    const kind = this.#kinds.get(request.kind);
    if (request.stage > 1) {
      // What was to be decided was decided with the first stage, which is in effect unless it was ended since.
      await this.#contexts.requireActive(request, kind);
      return;
    }
    const context = await this.#check(kind, request);
    await this.#refuseTaken(kind, request, context);
  }

  /** A request as it would go into the ledger. */
  #draft(
    entity: AskingEntity,
    asked: { kind: RequestKind; input: RequestInput },
    requestedBy: string,
  ): StorageRequest {
    const { kind } = asked;
    const input = { ...asked.input, entityRef: entity.ref };
    const now = new Date().toISOString();
    return {
      id: randomUUID(),
      kind: kind.id,
      subject: kind.subject(input),
      input,
      stage: 1,
      stages: 1,
      entityRef: entity.ref,
      owner: requireOwner(entity),
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
  }

  /** @throws InputError, or ConflictError when names that are taken are all that is wrong */
  async #check(
    kind: RequestKind,
    { entityRef, input, owner, subject }: StorageRequest,
  ): Promise<KindContext> {
    const context = await this.#contexts.of(
      { ref: entityRef, owner },
      subject.tenant,
      // Whose server the portal cannot read yet may be set up all the same.
      { isNew: kind.edits === 'new' && kind.place !== 'installation' },
    );
    const issues = kind.check(input, context);
    if (issues.length && issues.every(({ isTaken }) => isTaken)) {
      throw createConflictError(issues);
    }
    if (issues.length) {
      throw createInputError(issues);
    }
    return context;
  }

  async #refuseTaken(
    kind: RequestKind,
    request: StorageRequest,
    context: KindContext,
  ): Promise<void> {
    const taken = await this.#store.findTaken({
      request,
      claims: kind.claims(request.input, context),
      supersedes: kind.supersedes,
    });
    if (taken.length) {
      throw createTakenError(request, taken);
    }
  }

  async #takenNames(tenant: string) {
    const [{ items, problems }, open] = await Promise.all([
      this.#inventory.listBuckets([tenant]),
      this.#store.listRequested(tenant),
    ]);
    const existing = new Set(items.map(({ name }) => name));
    const requested = new Set(open.bucket);
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
    return this.#contexts.resolve(owner, tenant);
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

function toFilePreviews({ files }: ChangeSet): FilePreview[] {
  return files.map(({ path, operation, diff }) => ({ path, operation, diff }));
}

function requireOwner({ ref, owner }: AskingEntity): string {
  if (!owner) {
    throw createInputError([
      {
        field: 'entityRef',
        message: `${ref} has no owner that could own a bucket; set spec.owner, for example group:default/checkout`,
      },
    ]);
  }
  return owner;
}
