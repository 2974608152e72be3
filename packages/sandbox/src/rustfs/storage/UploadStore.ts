import { randomUUID } from 'node:crypto';
import type { StatementSync } from 'node:sqlite';
import { nowWithNanoseconds } from '../http/timestamps';
import type { Segment } from './BlobStore';
import type { Database } from './Database';
import { DocumentCollection } from './DocumentCollection';
import type { ObjectAttributes } from './ObjectStore';

export interface Upload {
  id: string;
  bucket: string;
  key: string;
  initiatedAt: string;
  attributes: ObjectAttributes;
}

export interface UploadedPart extends Segment {
  number: number;
  /** Without quotes. */
  etag: string;
  modifiedAt: string;
}

/** Multipart uploads that are under way. */
export class UploadStore {
  private readonly uploads: DocumentCollection<Upload>;
  private readonly statements: Record<'put' | 'list' | 'remove', StatementSync>;

  constructor(database: Database) {
    this.uploads = new DocumentCollection(database, 'uploads');
    this.statements = {
      put: database.sqlite.prepare(
        'INSERT OR REPLACE INTO parts (upload_id, number, file, size, etag, modified_at) VALUES (?, ?, ?, ?, ?, ?)',
      ),
      list: database.sqlite.prepare(
        'SELECT number, file, size, etag, modified_at FROM parts WHERE upload_id = ? ORDER BY number',
      ),
      remove: database.sqlite.prepare('DELETE FROM parts WHERE upload_id = ?'),
    };
  }

  create(bucket: string, key: string, attributes: ObjectAttributes): Upload {
    const id = Buffer.from(
      `${randomUUID()}.${randomUUID()}x${process.hrtime.bigint()}`,
    ).toString('base64url');
    const upload = {
      id,
      bucket,
      key,
      initiatedAt: nowWithNanoseconds(),
      attributes,
    };
    this.uploads.put(id, upload);
    return upload;
  }

  find(bucket: string, key: string, id: string): Upload | undefined {
    const upload = this.uploads.get(id);
    return upload?.bucket === bucket && upload.key === key ? upload : undefined;
  }

  /** Uploads of a bucket, by key and age. */
  list(bucket: string): Upload[] {
    return this.uploads
      .all()
      .filter(upload => upload.bucket === bucket)
      .sort((a, b) =>
        `${a.key}\0${a.initiatedAt}` < `${b.key}\0${b.initiatedAt}` ? -1 : 1,
      );
  }

  putPart(
    uploadId: string,
    part: Omit<UploadedPart, 'modifiedAt'>,
  ): { part: UploadedPart; replaced: Segment[] } {
    const replaced = this.parts(uploadId).filter(
      candidate => candidate.number === part.number,
    );
    const modifiedAt = nowWithNanoseconds();
    this.statements.put.run(
      uploadId,
      part.number,
      part.file,
      part.size,
      part.etag,
      modifiedAt,
    );
    return { part: { ...part, modifiedAt }, replaced };
  }

  parts(uploadId: string): UploadedPart[] {
    return this.statements.list.all(uploadId).map(row => ({
      number: Number(row.number),
      file: String(row.file),
      size: Number(row.size),
      etag: String(row.etag),
      modifiedAt: String(row.modified_at),
    }));
  }

  remove(uploadId: string): void {
    this.statements.remove.run(uploadId);
    this.uploads.remove(uploadId);
  }
}
