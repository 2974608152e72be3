import { createHash } from 'node:crypto';
import { isDatabaseConflictError } from '@backstage/backend-plugin-api';
import { ConflictError, InputError, isError } from '@backstage/errors';
import {
  RequestEvent,
  RequestState,
  RequestSubject,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ClaimHold,
  goTogether,
  RequestClaim,
} from '@rustfs-portal/plugin-rustfs-node';
import { Knex } from 'knex';
import { applyConditions } from './conditions';
import { createTakenError } from './createTakenError';
import { FORMAT, FORMATS } from './format';
import {
  ConsumerStage,
  NewRequest,
  RequestListQuery,
  RequestRecord,
  RequestStore,
} from './RequestStore';

const KUSTOMIZATION = 'Kustomization';

const OPEN_STATES: RequestState[] = [
  'submitting',
  'proposed',
  'merged',
  'applied',
];
/** What may move again: a cause is mended, a pull request is opened again. */
const ENDED_STATES: RequestState[] = ['failed', 'closed', 'withdrawn'];

/**
 * The slots of those of whom there can be one at a time, so that the key of the table keeps two apart. Those who use
 * something have one each, with the id of their request.
 */
const SLOTS: Record<Exclude<ClaimHold, 'use'>, string> = {
  existence: 'exclusive',
  settings: 'settings',
};

/** A Secret in a cluster is one thing, whichever tenant somebody wants a key to: it stands without a tenant. */
const SECRETS = ':secret:';

/** A page that asks every few seconds does not write as often. */
const VIEWED_PRECISION_MS = 10_000;

/** Requests per statement of the trail, below the number of variables that SQLite takes. */
const MAX_PAGE = 200;

interface RequestRow {
  id: string;
  version: number;
  requested_by: string;
  idempotency_key: string;
  content_hash: string;
  entity_ref: string;
  owner: string;
  tenant: string;
  /** Name of the subject, whatever it is. */
  bucket: string;
  subject_type: RequestSubject['type'];
  kind: string;
  format: number;
  state: RequestState;
  created_at: string;
  updated_at: string;
  head: string | null;
  viewed_at: string | null;
  data: string;
}

interface EventRow {
  request_id: string;
  position: number;
  state: RequestState;
  at: string;
  source: RequestEvent['source'];
  message: string;
  link: string | null;
  actor: string | null;
}

/** What `data` holds: all that no query asks for. */
type RequestData = Omit<
  RequestRecord,
  'request' | 'version' | 'head' | 'viewedAt' | 'consumer'
> & { consumer?: StoredConsumer } & Omit<
    StorageRequest,
    | 'id'
    | 'entityRef'
    | 'owner'
    | 'requestedBy'
    | 'createdAt'
    | 'updatedAt'
    | 'state'
    | 'trail'
    | 'kind'
    | 'subject'
  >;

/** {@link RequestStore} in the plugin's SQLite or PostgreSQL database. */
export class DatabaseRequestStore implements RequestStore {
  readonly #client: Knex;
  readonly #now: () => Date;

  constructor(client: Knex, options: { now?: () => Date } = {}) {
    this.#client = client;
    this.#now = options.now ?? (() => new Date());
  }

  async create(input: NewRequest) {
    const { request } = input;
    const record: RequestRecord = {
      request,
      version: 1,
      movedAt: request.createdAt,
      reviewers: input.reviewers,
      claims: input.claims,
      consumer: input.consumer,
    };
    try {
      await this.#client.transaction(async tx => {
        record.superseded = await takeOver(tx, input);
        await tx<RequestRow>('requests').insert({
          id: request.id,
          version: record.version,
          requested_by: request.requestedBy,
          idempotency_key: input.key,
          content_hash: hashContent(request),
          entity_ref: request.entityRef,
          owner: request.owner,
          tenant: request.subject.tenant,
          bucket: request.subject.name,
          subject_type: request.subject.type,
          kind: request.kind,
          format: formatOf(record),
          state: request.state,
          created_at: request.createdAt,
          updated_at: request.updatedAt,
          data: writeData(record),
        });
        await insertEvents(tx, request.id, 0, request.trail);
        await claim(tx, record);
      });
    } catch (error) {
      const isConflict =
        isDatabaseConflictError(error) ||
        (isError(error) && error.name === 'ConflictError');
      if (!isConflict) {
        throw error;
      }
      const existing = await this.findByKey(input);
      if (existing) {
        return { record: existing, created: false };
      }
      throw isDatabaseConflictError(error)
        ? createTakenError(request, input.claims.slice(0, 1))
        : error;
    }
    return { record, created: true };
  }

  async get(id: string) {
    const row = await this.#client<RequestRow>('requests')
      .where({ id })
      .first();
    return row && (await this.#readRows([row]))[0];
  }

  async findByKey({ request, key }: Pick<NewRequest, 'key' | 'request'>) {
    const row = await this.#client<RequestRow>('requests')
      .where({ requested_by: request.requestedBy, idempotency_key: key })
      .first();
    if (row && row.content_hash !== hashContent(request)) {
      throw new ConflictError(
        `The Idempotency-Key "${key}" was used for another request (${row.bucket} on ${row.tenant}): use a new key for a new request`,
      );
    }
    return row && (await this.#readRows([row]))[0];
  }

  async list(query: RequestListQuery) {
    const matching = this.#client<RequestRow>('requests').where(builder => {
      if (query.entityRef) {
        builder.where('entity_ref', query.entityRef);
      }
      if (query.states?.length) {
        builder.whereIn('state', query.states);
      }
      if (query.requestedBy) {
        builder.where('requested_by', query.requestedBy);
      }
      const { conditions } = query;
      if (conditions) {
        // In brackets of its own: an "or" among the conditions must not make the filters optional, nor the other way round.
        builder.where(inner => applyConditions(inner, conditions));
      }
    });
    const limit = Math.min(query.limit, MAX_PAGE);
    const page = matching
      .clone()
      .orderBy([
        { column: 'created_at', order: 'desc' },
        { column: 'id', order: 'desc' },
      ])
      .limit(limit + 1);
    if (query.cursor) {
      const after = readCursor(query.cursor);
      page.where(builder =>
        builder
          .where('created_at', '<', after.createdAt)
          .orWhere(same =>
            same
              .where('created_at', after.createdAt)
              .andWhere('id', '<', after.id),
          ),
      );
    }
    const [rows, [{ total }]] = await Promise.all([
      page,
      matching.clone().count({ total: '*' }),
    ]);
    const shown = rows.slice(0, limit);
    const records = await this.#readRows(shown);
    return {
      items: records.map(({ request }) => request),
      total: Number(total),
      ...(rows.length > limit && {
        nextCursor: writeCursor(shown[shown.length - 1]),
      }),
    };
  }

  async listFollowed({ endedSince }: { endedSince: string }) {
    const rows = await this.#client<RequestRow>('requests')
      .where('format', '<=', FORMAT)
      .andWhere(moving =>
        moving
          .whereIn('state', OPEN_STATES)
          .orWhere(ended =>
            ended
              .whereIn('state', ENDED_STATES)
              .andWhere('updated_at', '>', endedSince),
          ),
      )
      .orderBy(['created_at', 'id']);
    return this.#readRows(rows);
  }

  async listEnded({ since, until }: { since: string; until: string }) {
    const rows = await this.#client<RequestRow>('requests')
      .where('format', '<=', FORMAT)
      .whereIn('state', ENDED_STATES)
      .andWhere('updated_at', '>', since)
      .andWhere('updated_at', '<=', until)
      .orderBy(['created_at', 'id']);
    return this.#readRows(rows);
  }

  async findTaken({
    claims,
    request,
    supersedes = [],
  }: Parameters<RequestStore['findTaken']>[0]) {
    const giving = await openAbout(this.#client, request.subject, supersedes);
    return findTaken(
      this.#client,
      { claims, request },
      giving.map(({ id }) => id),
    );
  }

  async listRequested(tenant: string) {
    const subjects = await this.#client<ClaimRow>('request_claims')
      .where({ slot: SLOTS.existence })
      // Not a range: most orders of text in PostgreSQL pass over punctuation. A tenant ref has no wildcard in it.
      .andWhere(here =>
        here
          .where('subject', 'like', `${tenant}:%`)
          .orWhere('subject', 'like', `${SECRETS}%`),
      )
      .pluck('subject');
    const requested: Record<RequestClaim['type'], string[]> = {
      bucket: [],
      access: [],
      secret: [],
      setup: [],
    };
    for (const { name, type } of subjects.map(readClaim)) {
      requested[type].push(name);
    }
    return requested;
  }

  async update(
    record: RequestRecord,
    events: RequestEvent[],
    options: { claim?: boolean; isFinal?: boolean } = {},
  ) {
    const { request } = record;
    const updated: RequestRecord = {
      ...record,
      version: record.version + 1,
      request: {
        ...request,
        updatedAt: this.#now().toISOString(),
        trail: [...request.trail, ...events],
      },
    };
    const written = await this.#client
      .transaction(async tx => {
        const count = await tx<RequestRow>('requests')
          .where({ id: request.id, version: record.version })
          .andWhere('format', '<=', FORMAT)
          .update({
            version: updated.version,
            state: request.state,
            updated_at: updated.request.updatedAt,
            head: record.head ?? null,
            data: writeData(updated),
            // What only a newer replica can read stays so.
            format: tx.raw('case when format < ? then ? else format end', [
              formatOf(updated),
              formatOf(updated),
            ]),
          });
        if (count === 1) {
          await insertEvents(tx, request.id, request.trail.length, events);
          await this.#hold(tx, updated, options);
        }
        return count === 1;
      })
      .catch(error => {
        throw options.claim && isDatabaseConflictError(error)
          ? createTakenError(request, record.claims.slice(0, 1))
          : error;
      });
    return written ? updated : undefined;
  }

  /**
   * What it holds is given back when a request ends. One that goes on by itself after all takes it again, unless somebody
   * else holds it by then; one that a person takes up again needs it. Ciphertext is kept no longer than the request can go
   * on with it.
   */
  async #hold(
    tx: Knex.Transaction,
    record: RequestRecord,
    options: { claim?: boolean; isFinal?: boolean },
  ): Promise<void> {
    const { failure, id, stage, state } = record.request;
    if (!options.claim && !OPEN_STATES.includes(state)) {
      await tx('request_claims').where({ request_id: id }).delete();
      // The key of a first stage works: what is closed of a later one can only be opened again with it.
      const mayGoOn =
        state === 'failed'
          ? failure?.source !== 'portal'
          : state === 'closed' && stage > 1;
      if (options.isFinal || !mayGoOn) {
        await tx('request_secrets').where({ request_id: id }).delete();
      }
      return;
    }
    const held = await tx<ClaimRow>('request_claims')
      .where({ request_id: id })
      .first();
    if (held && !options.claim) {
      return;
    }
    await tx('request_claims').where({ request_id: id }).delete();
    if (options.claim) {
      await claim(tx, record);
    } else {
      await claimWhatIsFree(tx, record);
    }
  }

  async markViewed(id: string) {
    const now = this.#now().getTime();
    const before = new Date(now - VIEWED_PRECISION_MS).toISOString();
    await this.#client<RequestRow>('requests')
      .where({ id, state: 'proposed' })
      .andWhere(old =>
        old.whereNull('viewed_at').orWhere('viewed_at', '<', before),
      )
      .update({ viewed_at: new Date(now).toISOString() });
  }

  async forgetSecrets({ endedBefore }: { endedBefore: string }) {
    await this.#client('request_secrets')
      .whereIn(
        'request_id',
        this.#client<RequestRow>('requests')
          .where('format', '<=', FORMAT)
          .whereIn('state', ENDED_STATES)
          .andWhere('updated_at', '<=', endedBefore)
          .select('id'),
      )
      .delete();
  }

  async remove({ request: { id }, version }: RequestRecord) {
    await this.#client.transaction(async tx => {
      const count = await tx('requests').where({ id, version }).delete();
      if (count === 1) {
        for (const table of [
          'request_events',
          'request_claims',
          'request_secrets',
        ]) {
          await tx(table).where({ request_id: id }).delete();
        }
      }
    });
  }

  async #readRows(rows: RequestRow[]): Promise<RequestRecord[]> {
    const trails = new Map<string, RequestEvent[]>();
    for (let start = 0; start < rows.length; start += MAX_PAGE) {
      const ids = rows.slice(start, start + MAX_PAGE).map(({ id }) => id);
      const events = await this.#client<EventRow>('request_events')
        .whereIn('request_id', ids)
        .orderBy(['request_id', 'position']);
      for (const event of events) {
        const trail = trails.get(event.request_id) ?? [];
        trail.push(readEvent(event));
        trails.set(event.request_id, trail);
      }
    }
    return rows.map(row => readRecord(row, trails.get(row.id) ?? []));
  }
}

/** What the requests of a tenant hold; the key keeps those apart that hold something alone. */
interface ClaimRow {
  subject: string;
  slot: string;
  request_id: string;
}

/** A request, as far as it matters to what it holds. */
type Claimant = Pick<RequestRecord, 'request' | 'claims'>;

function subjectOf({ request }: Claimant, { name, type }: RequestClaim) {
  return type === 'secret'
    ? `${SECRETS}${name}`
    : `${request.subject.tenant}:${type}:${name}`;
}

/** Claims of a tenant, and of Secrets, are made one after the other: the key alone does not keep all apart. */
async function lockClaims(tx: Knex.Transaction, { claims, request }: Claimant) {
  await lock(tx, request.subject.tenant);
  if (claims.some(({ type }) => type === 'secret')) {
    // Always after a tenant and never before one, so that no two wait for each other.
    await lock(tx, SECRETS);
  }
}

function holdOf(slot: string): ClaimHold {
  switch (slot) {
    case SLOTS.existence:
      return 'existence';
    case SLOTS.settings:
      return 'settings';
    default:
      return 'use';
  }
}

/** @throws ConflictError when somebody else holds what does not go together with it */
async function claim(tx: Knex.Transaction, claimant: Claimant) {
  await lockClaims(tx, claimant);
  const taken = await findTaken(tx, claimant);
  if (taken.length) {
    throw createTakenError(claimant.request, taken);
  }
  await insertClaims(tx, claimant, claimant.claims);
}

/** As {@link claim}, leaving to others what they hold by now. */
async function claimWhatIsFree(tx: Knex.Transaction, claimant: Claimant) {
  await lockClaims(tx, claimant);
  const taken = await findTaken(tx, claimant);
  await insertClaims(
    tx,
    claimant,
    claimant.claims.filter(one => !taken.includes(one)),
  );
}

async function insertClaims(
  tx: Knex.Transaction,
  claimant: Claimant,
  claims: RequestClaim[],
) {
  const { id } = claimant.request;
  if (claims.length) {
    await tx<ClaimRow>('request_claims').insert(
      claims.map(one => ({
        subject: subjectOf(claimant, one),
        slot: one.holds === 'use' ? id : SLOTS[one.holds],
        request_id: id,
      })),
    );
  }
}

/** What cannot be claimed now, as others than the given requests hold it. */
async function findTaken(
  client: Knex,
  claimant: Claimant,
  giving: string[] = [],
): Promise<RequestClaim[]> {
  const held = await client<ClaimRow>('request_claims')
    .whereIn(
      'subject',
      claimant.claims.map(one => subjectOf(claimant, one)),
    )
    .whereNotIn('request_id', giving);
  return claimant.claims.filter(one =>
    held.some(
      ({ slot, subject }) =>
        subject === subjectOf(claimant, one) &&
        !goTogether(holdOf(slot), one.holds),
    ),
  );
}

function readClaim(subject: string) {
  const [, type, name] = subject.split(':') as [
    string,
    RequestClaim['type'],
    string,
  ];
  return { type, name };
}

function openAbout(
  client: Knex,
  { name, tenant, type }: RequestSubject,
  kinds: string[],
) {
  return client<RequestRow>('requests')
    .where({ tenant, bucket: name, subject_type: type })
    .andWhere('format', '<=', FORMAT)
    .whereIn('kind', kinds)
    .whereIn('state', OPEN_STATES)
    .orderBy(['created_at', 'id']);
}

/**
 * Has the requests give back what they hold whose place another one takes. If that one is refused after all, they take it
 * again with their next step.
 */
async function takeOver(
  tx: Knex.Transaction,
  { request, supersedes }: NewRequest,
): Promise<string[] | undefined> {
  if (!supersedes?.length) {
    return undefined;
  }
  await lock(tx, request.subject.tenant);
  const rows = await openAbout(tx, request.subject, supersedes);
  const ids = rows.map(({ id }) => id);
  await tx<ClaimRow>('request_claims').whereIn('request_id', ids).delete();
  return ids.length ? ids : undefined;
}

/** Until the end of the transaction: SQLite has one writer anyway. */
async function lock(tx: Knex.Transaction, what: string) {
  if (String(tx.client.config.client).startsWith('pg')) {
    await tx.raw('select pg_advisory_xact_lock(hashtext(?))', [what]);
  }
}

async function insertEvents(
  tx: Knex.Transaction,
  requestId: string,
  start: number,
  events: RequestEvent[],
) {
  if (events.length) {
    await tx<EventRow>('request_events').insert(
      events.map((event, index) => ({
        request_id: requestId,
        position: start + index,
        state: event.state,
        at: event.at,
        source: event.source,
        message: event.message,
        link: event.link ? JSON.stringify(event.link) : null,
        actor: event.actor ?? null,
      })),
    );
  }
}

function readEvent({
  state,
  at,
  source,
  message,
  link,
  actor,
}: EventRow): RequestEvent {
  return {
    state,
    at,
    source,
    message,
    ...(link && { link: JSON.parse(link) as RequestEvent['link'] }),
    ...(actor && { actor }),
  };
}

/** A replica of the version before takes every place for the list of a Tenant, and knows no claims but alone and shared. */
function formatOf({
  before,
  claims,
  consumer,
  delivery,
}: RequestRecord): number {
  const isNew =
    (consumer && writeConsumer(consumer).appliedBy !== undefined) ||
    delivery?.layout !== undefined ||
    before?.delivery.layout !== undefined ||
    claims.some(({ holds, type }) => holds === 'settings' || type === 'setup');
  return isNew ? FORMATS.places : FORMATS.first;
}

function writeData(record: RequestRecord): string {
  const { request, movedAt, delivery, reviewers, claims, consumer } = record;
  const { before, isApproved } = record;
  const { askedOwners, policyBasis, policyStatus, scheduledMerge, superseded } =
    record;
  const data: RequestData = {
    input: request.input,
    stage: request.stage,
    stages: request.stages,
    earlier: request.earlier,
    waitingFor: request.waitingFor,
    stalled: request.stalled,
    pullRequest: request.pullRequest,
    foreignCommit: request.foreignCommit,
    policy: request.policy,
    source: request.source,
    mergeCommit: request.mergeCommit,
    appliedRevision: request.appliedRevision,
    failure: request.failure,
    problems: request.problems,
    movedAt,
    delivery,
    reviewers,
    claims: claims.map(writeClaim),
    askedOwners,
    policyBasis,
    policyStatus,
    scheduledMerge,
    superseded,
    consumer: consumer && writeConsumer(consumer),
    before,
    isApproved,
  };
  return JSON.stringify(data);
}

/** A Kustomization stands there as it did when there was nothing else, so that each replica reads it. */
type StoredConsumer = Omit<ConsumerStage, 'appliedBy'> &
  Partial<Pick<ConsumerStage, 'appliedBy'>> & {
    kustomization?: { namespace?: string; name: string };
  };

function writeConsumer({
  appliedBy,
  ...consumer
}: ConsumerStage): StoredConsumer {
  const { kind, ...object } = appliedBy;
  return kind === KUSTOMIZATION
    ? { ...consumer, kustomization: object }
    : { ...consumer, appliedBy };
}

function readConsumer({
  appliedBy,
  kustomization,
  ...consumer
}: StoredConsumer): ConsumerStage {
  return {
    ...consumer,
    appliedBy: appliedBy ?? {
      kind: KUSTOMIZATION,
      name: '',
      ...kustomization,
    },
  };
}

function readRecord(row: RequestRow, trail: RequestEvent[]): RequestRecord {
  const {
    movedAt,
    delivery,
    reviewers,
    claims,
    askedOwners,
    policyBasis,
    policyStatus,
    scheduledMerge,
    superseded,
    consumer,
    before,
    isApproved,
    stage,
    stages,
    ...rest
  } = JSON.parse(row.data) as RequestData;
  const subject: RequestSubject = {
    type: row.subject_type,
    tenant: row.tenant,
    name: row.bucket,
  };
  return {
    version: row.version,
    movedAt,
    delivery,
    head: row.head ?? undefined,
    viewedAt: row.viewed_at ?? undefined,
    reviewers,
    // Rows from before there were kinds hold their bucket.
    claims: claims?.map(readStoredClaim) ?? [
      {
        type: subject.type,
        name: subject.name,
        holds: 'existence',
        field: subject.type,
      },
    ],
    askedOwners,
    policyBasis,
    policyStatus,
    scheduledMerge,
    superseded,
    consumer: consumer && readConsumer(consumer),
    before,
    isApproved,
    request: {
      ...rest,
      id: row.id,
      kind: row.kind,
      subject,
      stage: stage ?? 1,
      stages: stages ?? 1,
      entityRef: row.entity_ref,
      owner: row.owner,
      requestedBy: row.requested_by,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
      state: row.state,
      trail,
    },
  };
}

/** A claim of a row from before there was more than alone and shared. */
type OldClaim = Pick<RequestClaim, 'type' | 'name'> & { exclusive: boolean };

/** With what a replica of the version before reads, which may run beside this one while it is rolled out. */
function writeClaim(claimed: RequestClaim): RequestClaim & OldClaim {
  return { ...claimed, exclusive: claimed.holds !== 'use' };
}

function readStoredClaim(
  stored: (RequestClaim & Partial<OldClaim>) | OldClaim,
): RequestClaim {
  if ('holds' in stored) {
    const { exclusive: _, ...claimed } = stored;
    return claimed;
  }
  const { exclusive, name, type } = stored;
  const holds = exclusive ? 'existence' : 'use';
  return { type, name, holds, field: type };
}

function hashContent({ kind, input }: StorageRequest): string {
  const entries = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1));
  // As it was called before there were others.
  const name = kind === 'bucket-create' ? 'bucket' : kind;
  return createHash('sha256')
    .update(JSON.stringify([name, entries]))
    .digest('hex');
}

function writeCursor({ created_at, id }: RequestRow): string {
  return Buffer.from(`${created_at} ${id}`).toString('base64url');
}

function readCursor(cursor: string): { createdAt: string; id: string } {
  const [createdAt = '', id = ''] = Buffer.from(cursor, 'base64url')
    .toString('utf8')
    .split(' ');
  // What else somebody may have put in here, databases answer with errors that quote the query.
  if (!/^[\w:.-]{1,24}$/.test(createdAt) || !/^[\w-]{1,36}$/.test(id)) {
    throw new InputError(
      'cursor: expected the nextCursor of an earlier page, unchanged',
    );
  }
  return { createdAt, id };
}
