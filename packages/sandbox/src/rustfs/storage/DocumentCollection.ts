import type { StatementSync } from 'node:sqlite';
import type { Database } from './Database';

/** Records of one kind, kept as JSON and read whole: users, policies, buckets … */
export class DocumentCollection<T extends object> {
  private readonly statements: Record<
    'get' | 'all' | 'put' | 'remove',
    StatementSync
  >;

  constructor({ sqlite }: Database, private readonly collection: string) {
    this.statements = {
      get: sqlite.prepare(
        'SELECT content FROM documents WHERE collection = ? AND id = ?',
      ),
      all: sqlite.prepare(
        'SELECT content FROM documents WHERE collection = ? ORDER BY id',
      ),
      put: sqlite.prepare(
        'INSERT OR REPLACE INTO documents (collection, id, content) VALUES (?, ?, ?)',
      ),
      remove: sqlite.prepare(
        'DELETE FROM documents WHERE collection = ? AND id = ?',
      ),
    };
  }

  get(id: string): T | undefined {
    const row = this.statements.get.get(this.collection, id);
    return row ? (JSON.parse(String(row.content)) as T) : undefined;
  }

  all(): T[] {
    return this.statements.all
      .all(this.collection)
      .map(row => JSON.parse(String(row.content)) as T);
  }

  put(id: string, document: T): void {
    this.statements.put.run(this.collection, id, JSON.stringify(document));
  }

  remove(id: string): boolean {
    return this.statements.remove.run(this.collection, id).changes > 0;
  }
}
