import { randomUUID } from 'node:crypto';
import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import { nowWithNanoseconds } from '../http/timestamps';
import type { Segment } from './BlobStore';
import type { VersioningState } from './BucketStore';
import type { Database } from './Database';

/** What is stored with an object beside its data. */
export interface ObjectAttributes {
  /** `content-type`, `cache-control` … as they are sent back. */
  headers: Record<string, string>;
  /** `x-amz-meta-*` without the prefix. */
  metadata: Record<string, string>;
  /** `x-amz-checksum-*` headers. */
  checksums: Record<string, string>;
  tags: Record<string, string>;
  retention?: { mode: string; until: string };
  legalHold?: boolean;
}

export interface ObjectVersion {
  key: string;
  /** `null` for what was written without versioning. */
  versionId: string;
  isLatest: boolean;
  isDeleteMarker: boolean;
  size: number;
  /** Without quotes. */
  etag: string;
  modifiedAt: string;
  segments: Segment[];
  attributes: ObjectAttributes;
}

export interface NewObject {
  bucket: string;
  key: string;
  versioning: VersioningState | undefined;
  size: number;
  etag: string;
  segments: Segment[];
  attributes: ObjectAttributes;
}

/** A version taken out of the index; its data may go. */
export interface RemovedVersion {
  isDeleteMarker: boolean;
  versionId: string;
  segments: Segment[];
}

/** Sorts behind every key that begins with the same text. */
export const AFTER_ALL = '\u{10FFFF}';

const NO_ATTRIBUTES: ObjectAttributes = {
  headers: {},
  metadata: {},
  checksums: {},
  tags: {},
};

const COLUMNS =
  'key, version_id, is_latest, is_delete_marker, size, etag, modified_at, segments, attributes';

function toVersion(row: Record<string, SQLOutputValue>): ObjectVersion {
  return {
    key: String(row.key),
    versionId: String(row.version_id),
    isLatest: row.is_latest === 1,
    isDeleteMarker: row.is_delete_marker === 1,
    size: Number(row.size),
    etag: String(row.etag),
    modifiedAt: String(row.modified_at),
    segments: JSON.parse(String(row.segments)) as Segment[],
    attributes: JSON.parse(String(row.attributes)) as ObjectAttributes,
  };
}

/** The index of all versions of all objects. */
export class ObjectStore {
  private readonly statements: Record<string, StatementSync>;

  constructor(private readonly database: Database) {
    const prepare = (sql: string) => database.sqlite.prepare(sql);
    this.statements = {
      latest: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND is_latest = 1`,
      ),
      byId: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND version_id = ?`,
      ),
      insert: prepare(
        `INSERT INTO versions (bucket, key, version_id, is_latest, is_delete_marker, size, etag, modified_at, segments, attributes)
         VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?)`,
      ),
      demote: prepare(
        'UPDATE versions SET is_latest = 0 WHERE bucket = ? AND key = ? AND is_latest = 1',
      ),
      promote: prepare(
        `UPDATE versions SET is_latest = 1 WHERE sequence =
         (SELECT sequence FROM versions WHERE bucket = ? AND key = ? ORDER BY sequence DESC LIMIT 1)`,
      ),
      remove: prepare(
        'DELETE FROM versions WHERE bucket = ? AND key = ? AND version_id = ?',
      ),
      setAttributes: prepare(
        'UPDATE versions SET attributes = ? WHERE bucket = ? AND key = ? AND version_id = ?',
      ),
      any: prepare('SELECT 1 FROM versions WHERE bucket = ? LIMIT 1'),
      listLatest: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND is_latest = 1 AND is_delete_marker = 0
         AND key > ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
      ),
      listVersions: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key > ? AND key >= ? AND key < ?
         ORDER BY key, sequence DESC LIMIT ?`,
      ),
      olderVersions: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? AND key = ? AND sequence <
         (SELECT sequence FROM versions WHERE bucket = ? AND key = ? AND version_id = ?)
         ORDER BY sequence DESC LIMIT ?`,
      ),
      everything: prepare(
        `SELECT ${COLUMNS} FROM versions WHERE bucket = ? ORDER BY key, sequence`,
      ),
      sizes: prepare(
        'SELECT key, version_id, is_delete_marker, size, modified_at FROM versions WHERE bucket = ? ORDER BY key',
      ),
      removeAll: prepare('DELETE FROM versions WHERE bucket = ?'),
      total: prepare('SELECT COALESCE(SUM(size), 0) AS bytes FROM versions'),
    };
  }

  /** The current version, or the named one; a delete marker counts as a version. */
  find(
    bucket: string,
    key: string,
    versionId?: string,
  ): ObjectVersion | undefined {
    const row =
      versionId === undefined
        ? this.statements.latest.get(bucket, key)
        : this.statements.byId.get(bucket, key, versionId);
    return row ? toVersion(row) : undefined;
  }

  /** Adds a version; without versioning it takes the place of the one before. */
  put(object: NewObject): { version: ObjectVersion; replaced: Segment[] } {
    return this.add(object, false);
  }

  /** Hides an object behind a delete marker; answers the marker's version. */
  putDeleteMarker(
    bucket: string,
    key: string,
    versioning: VersioningState,
  ): { version: ObjectVersion; replaced: Segment[] } {
    return this.add(
      {
        bucket,
        key,
        versioning,
        size: 0,
        etag: '',
        segments: [],
        attributes: NO_ATTRIBUTES,
      },
      true,
    );
  }

  private add(
    object: NewObject,
    isDeleteMarker: boolean,
  ): { version: ObjectVersion; replaced: Segment[] } {
    const { bucket, key } = object;
    const versionId = object.versioning === 'Enabled' ? randomUUID() : 'null';
    return this.database.transaction(() => {
      const replaced =
        versionId === 'null' ? this.take(bucket, key, 'null') : undefined;
      this.statements.demote.run(bucket, key);
      const modifiedAt = nowWithNanoseconds();
      this.statements.insert.run(
        bucket,
        key,
        versionId,
        isDeleteMarker ? 1 : 0,
        object.size,
        object.etag,
        modifiedAt,
        JSON.stringify(object.segments),
        JSON.stringify(object.attributes),
      );
      return {
        version: {
          key,
          versionId,
          isLatest: true,
          isDeleteMarker,
          size: object.size,
          etag: object.etag,
          modifiedAt,
          segments: object.segments,
          attributes: object.attributes,
        },
        replaced: replaced?.segments ?? [],
      };
    });
  }

  /** Removes one version for good. */
  remove(
    bucket: string,
    key: string,
    versionId: string,
  ): RemovedVersion | undefined {
    return this.database.transaction(() => {
      const removed = this.take(bucket, key, versionId);
      if (removed) {
        this.statements.demote.run(bucket, key);
        this.statements.promote.run(bucket, key);
      }
      return removed;
    });
  }

  private take(
    bucket: string,
    key: string,
    versionId: string,
  ): RemovedVersion | undefined {
    const version = this.find(bucket, key, versionId);
    if (!version) {
      return undefined;
    }
    this.statements.remove.run(bucket, key, versionId);
    return version;
  }

  setAttributes(
    bucket: string,
    version: ObjectVersion,
    attributes: ObjectAttributes,
  ): void {
    this.statements.setAttributes.run(
      JSON.stringify(attributes),
      bucket,
      version.key,
      version.versionId,
    );
  }

  isEmpty(bucket: string): boolean {
    return this.statements.any.get(bucket) === undefined;
  }

  /** Removes everything in a bucket; answers the data that may go. */
  removeAll(bucket: string): Segment[] {
    const segments = this.statements.everything
      .all(bucket)
      .flatMap(row => toVersion(row).segments);
    this.statements.removeAll.run(bucket);
    return segments;
  }

  /** Current objects behind `after`, in the order of their keys. */
  listLatest(options: {
    bucket: string;
    prefix: string;
    after: string;
    limit: number;
  }): ObjectVersion[] {
    return this.statements.listLatest
      .all(
        options.bucket,
        options.after,
        options.prefix,
        options.prefix + AFTER_ALL,
        options.limit,
      )
      .map(toVersion);
  }

  /** All versions behind `after` (and, of that key itself, those older than `versionId`), newest first per key. */
  listVersions(options: {
    bucket: string;
    prefix: string;
    after: string;
    versionId?: string;
    limit: number;
  }): ObjectVersion[] {
    const { bucket, after, prefix, versionId, limit } = options;
    const older =
      versionId === undefined
        ? []
        : this.statements.olderVersions.all(
            bucket,
            after,
            bucket,
            after,
            versionId,
            limit,
          );
    const following =
      older.length >= limit
        ? []
        : this.statements.listVersions.all(
            bucket,
            after,
            prefix,
            prefix + AFTER_ALL,
            limit - older.length,
          );
    return [...older, ...following].map(toVersion);
  }

  /** Sizes of all versions of a bucket, for measuring it. */
  *sizes(bucket: string): Generator<{
    key: string;
    versionId: string;
    isDeleteMarker: boolean;
    size: number;
    modifiedAt: string;
  }> {
    for (const row of this.statements.sizes.iterate(bucket)) {
      yield {
        key: String(row.key),
        versionId: String(row.version_id),
        isDeleteMarker: row.is_delete_marker === 1,
        size: Number(row.size),
        modifiedAt: String(row.modified_at),
      };
    }
  }

  /** Bytes of all versions of all buckets. */
  totalBytes(): number {
    return Number(this.statements.total.get()?.bytes ?? 0);
  }
}
