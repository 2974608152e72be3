import { createHash } from 'node:crypto';
import { isDatabaseConflictError } from '@backstage/backend-plugin-api';
import { ConflictError, InputError } from '@backstage/errors';
import {
  RequestEvent,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Knex } from 'knex';
import { applyConditions } from './conditions';
import {
  NewRequest,
  RequestListQuery,
  RequestRecord,
  RequestStore,
} from './RequestStore';

const OPEN_STATES: RequestState[] = [
  'submitting',
  'proposed',
  'merged',
  'applied',
];
/** What may move again: a cause is mended, a pull request is opened again. */
const ENDED_STATES: RequestState[] = ['failed', 'closed', 'withdrawn'];

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
  bucket: string;
  open_bucket: string | null;
  state: RequestState;
  created_at: string;
  updated_at: string;
  head: string | null;
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
type RequestData = Omit<RequestRecord, 'request' | 'version' | 'head'> &
  Omit<
    StorageRequest,
    | 'id'
    | 'entityRef'
    | 'owner'
    | 'requestedBy'
    | 'createdAt'
    | 'updatedAt'
    | 'state'
    | 'trail'
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
    };
    try {
      await this.#client.transaction(async tx => {
        await tx<RequestRow>('requests').insert({
          id: request.id,
          version: record.version,
          requested_by: request.requestedBy,
          idempotency_key: input.key,
          content_hash: hashContent(request),
          entity_ref: request.entityRef,
          owner: request.owner,
          tenant: request.input.tenant,
          bucket: request.input.bucket,
          open_bucket: writeOpenBucket(
            request.input.tenant,
            request.input.bucket,
          ),
          state: request.state,
          created_at: request.createdAt,
          updated_at: request.updatedAt,
          data: writeData(record),
        });
        await insertEvents(tx, request.id, 0, request.trail);
      });
    } catch (error) {
      if (!isDatabaseConflictError(error)) {
        throw error;
      }
      const existing = await this.findByKey(input);
      if (existing) {
        return { record: existing, created: false };
      }
      throw createTakenError(request);
    }
    return { record, created: true };
  }

  async get(id: string) {
    const row = await this.#client<RequestRow>('requests')
      .where({ id })
      .first();
    return row && (await this.#readRows([row]))[0];
  }

  async findByKey({ request, key }: NewRequest) {
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
      .whereIn('state', OPEN_STATES)
      .orWhere(ended =>
        ended
          .whereIn('state', ENDED_STATES)
          .andWhere('updated_at', '>', endedSince),
      )
      .orderBy(['created_at', 'id']);
    return this.#readRows(rows);
  }

  async listEnded({ since, until }: { since: string; until: string }) {
    const rows = await this.#client<RequestRow>('requests')
      .whereIn('state', ENDED_STATES)
      .andWhere('updated_at', '>', since)
      .andWhere('updated_at', '<=', until)
      .orderBy(['created_at', 'id']);
    return this.#readRows(rows);
  }

  async listRequested(tenant: string) {
    return this.#client<RequestRow>('requests')
      .where({ tenant })
      .whereNotNull('open_bucket')
      .pluck('bucket');
  }

  async update(
    record: RequestRecord,
    events: RequestEvent[],
    options: { claim?: boolean } = {},
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
          .update({
            version: updated.version,
            state: request.state,
            updated_at: updated.request.updatedAt,
            head: record.head ?? null,
            data: writeData(updated),
            open_bucket: this.#holdName(tx, request, options),
          });
        if (count === 1) {
          await insertEvents(tx, request.id, request.trail.length, events);
        }
        return count === 1;
      })
      .catch(error => {
        throw options.claim && isDatabaseConflictError(error)
          ? createTakenError(request)
          : error;
      });
    return written ? updated : undefined;
  }

  /**
   * A name is given back when the request ends. One that goes on by itself after all takes it again, unless somebody else
   * holds it by then; one that a person takes up again needs it.
   */
  #holdName(
    tx: Knex.Transaction,
    { state, input }: StorageRequest,
    { claim }: { claim?: boolean },
  ) {
    const name = writeOpenBucket(input.tenant, input.bucket);
    if (claim) {
      return name;
    }
    return OPEN_STATES.includes(state)
      ? tx.raw(
          'coalesce(open_bucket, (select ? where not exists (select 1 from requests where open_bucket = ?)))',
          [name, name],
        )
      : null;
  }

  async remove({ request: { id }, version }: RequestRecord) {
    await this.#client.transaction(async tx => {
      const count = await tx('requests').where({ id, version }).delete();
      if (count === 1) {
        await tx('request_events').where({ request_id: id }).delete();
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

function createTakenError({ input }: StorageRequest): ConflictError {
  return new ConflictError(
    `There is an open request for bucket ${input.bucket} on ${input.tenant} already: wait for it, or choose another name`,
  );
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

function writeData(record: RequestRecord): string {
  const { request, movedAt, delivery, reviewers } = record;
  const data: RequestData = {
    kind: request.kind,
    input: request.input,
    waitingFor: request.waitingFor,
    stalled: request.stalled,
    pullRequest: request.pullRequest,
    foreignCommit: request.foreignCommit,
    source: request.source,
    mergeCommit: request.mergeCommit,
    appliedRevision: request.appliedRevision,
    failure: request.failure,
    problems: request.problems,
    movedAt,
    delivery,
    reviewers,
  };
  return JSON.stringify(data);
}

function readRecord(row: RequestRow, trail: RequestEvent[]): RequestRecord {
  const { movedAt, delivery, reviewers, ...rest } = JSON.parse(
    row.data,
  ) as RequestData;
  return {
    version: row.version,
    movedAt,
    delivery,
    head: row.head ?? undefined,
    reviewers,
    request: {
      ...rest,
      id: row.id,
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

function hashContent({ kind, input }: StorageRequest): string {
  const entries = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([kind, entries]))
    .digest('hex');
}

function writeOpenBucket(tenant: string, bucket: string): string {
  return `${tenant}:${bucket}`;
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
