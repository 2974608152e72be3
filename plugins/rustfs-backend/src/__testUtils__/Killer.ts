import { ForgeCall } from '@rustfs-portal/sandbox';
import { Knex } from 'knex';

export type Moment = 'before' | 'after';

/** What a statement of the database does that outlasts the process. */
const WRITES = /^(insert|update|delete|commit)\b/i;

/**
 * Ends the portal before or after its n-th write to the database or call to the forge: from there on nothing gets out of it
 * any more, as if its process were killed.
 */
export class Killer {
  readonly #countsWrites: boolean;
  #deadline = Infinity;
  #isDead = false;
  #moment: Moment = 'before';
  #steps = 0;

  /** Where it died, if it did. */
  diedAt: string | undefined;

  /** @param options - `counts`: what it may die at */
  constructor(options: { counts?: 'everything' | 'forge' } = {}) {
    this.#countsWrites = options.counts !== 'forge';
  }

  arm(step: number, moment: Moment): void {
    this.#deadline = step;
    this.#moment = moment;
    this.#steps = 0;
    this.diedAt = undefined;
  }

  /** A new process takes over. */
  revive(): void {
    this.#deadline = Infinity;
    this.#isDead = false;
  }

  /** Flux reads from the forge as well, which is no step of the portal. */
  readonly onForge = ({ method, path }: ForgeCall): Moment | undefined =>
    path.startsWith('/api/') ? this.#step(`${method} ${path}`) : undefined;

  /** Stands between the portal and its database. */
  watch(database: Knex): () => void {
    const { prototype } = database.client.constructor;
    const query = prototype._query;
    // What a transaction writes counts when it is committed.
    const isStep = (sql: string, isInTransaction: boolean) =>
      this.#countsWrites &&
      WRITES.test(sql) &&
      (!isInTransaction || /^commit/i.test(sql));
    const step = (sql: string, isInTransaction: boolean) =>
      isStep(sql, isInTransaction) ? this.#step(sql) : this.#passed();
    prototype._query = async function watched(
      this: { transacting?: boolean },
      connection: unknown,
      statement: { sql: string },
    ) {
      const isRollback = /^rollback/i.test(statement.sql);
      const moment = isRollback
        ? undefined
        : step(statement.sql, Boolean(this.transacting));
      if (moment === 'before') {
        if (/^commit/i.test(statement.sql)) {
          // The database itself ends what a process leaves open.
          await query.call(this, connection, { sql: 'ROLLBACK' });
        }
        throw new Error('killed');
      }
      const result = await query.call(this, connection, statement);
      if (moment === 'after') {
        throw new Error('killed');
      }
      return result;
    };
    return () => {
      prototype._query = query;
    };
  }

  #passed(): Moment | undefined {
    return this.#isDead ? 'before' : undefined;
  }

  #step(what: string): Moment | undefined {
    if (this.#isDead) {
      return 'before';
    }
    this.#steps += 1;
    if (this.#steps < this.#deadline) {
      return undefined;
    }
    this.#isDead = true;
    this.diedAt = what;
    return this.#moment;
  }
}
