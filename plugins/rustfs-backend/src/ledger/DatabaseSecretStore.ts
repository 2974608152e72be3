import { SealedSecret } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Knex } from 'knex';
import { FORMATS } from './format';

interface SecretRow {
  request_id: string;
  generation: number;
  head: string | null;
  slot: string;
  writer: string;
  path: string;
  recipients: string;
  content: string;
}

/** What was encrypted for a request at once: all of it holds one key. */
export interface SealedKey {
  /** Counts the keys that were made for a request, from one. */
  generation: number;
  secrets: SealedSecret[];
  /** The commit of the branch that has it, once that was seen. */
  head?: string;
}

/**
 * Keeps the encrypted Secrets of open requests, so that a request that is rendered again, or goes on after a crash, has the
 * key that it had. Whoever reads this table reads what stands in the repository: ciphertext for the cluster.
 *
 * A new key is added beside those before it. Which of them is merged is decided on the forge, at any time: while a new one
 * is on its way to the branch, too.
 */
export class DatabaseSecretStore {
  readonly #client: Knex;

  constructor(client: Knex) {
    this.#client = client;
  }

  /** The keys that were made for a request, the newest first. */
  async list(requestId: string): Promise<SealedKey[]> {
    const rows = await this.#client<SecretRow>('request_secrets')
      .where({ request_id: requestId })
      .orderBy([{ column: 'generation', order: 'desc' }, { column: 'slot' }]);
    const keys = new Map<number, SealedKey>();
    for (const { generation, head, slot, ...row } of rows) {
      const key = keys.get(generation) ?? {
        generation,
        secrets: [],
        ...(head && { head }),
      };
      keys.set(generation, key);
      key.secrets.push({
        id: slot,
        writer: row.writer,
        path: row.path,
        recipients: JSON.parse(row.recipients) as string[],
        content: row.content,
      });
    }
    return [...keys.values()];
  }

  /**
   * Adds a key.
   *
   * @throws when somebody else has added one at the same time: only one of the two may get out
   */
  async add(requestId: string, secrets: SealedSecret[]): Promise<void> {
    await this.#client.transaction(async tx => {
      const newest = await tx<SecretRow>('request_secrets')
        .where({ request_id: requestId })
        .orderBy('generation', 'desc')
        .first();
      // An older replica knows SOPS alone, and one that is older still one key of a request, and would mix them.
      const format = secrets.some(({ writer }) => writer !== 'sops')
        ? FORMATS.writers
        : newest && FORMATS.places;
      if (format) {
        await tx('requests')
          .where({ id: requestId })
          .andWhere('format', '<', format)
          .update({ format });
      }
      await tx<SecretRow>('request_secrets').insert(
        secrets.map(({ id, writer, path, recipients, content }) => ({
          request_id: requestId,
          generation: (newest?.generation ?? 0) + 1,
          slot: id,
          writer,
          path,
          recipients: JSON.stringify(recipients),
          content,
        })),
      );
    });
  }

  /** Remembers the commit that a key was seen on. */
  async foundOn(
    requestId: string,
    generation: number,
    head: string,
  ): Promise<void> {
    await this.#client<SecretRow>('request_secrets')
      .where({ request_id: requestId, generation })
      .update({ head });
  }

  /** Forgets all keys of a request but one. */
  async keepOnly(requestId: string, generation: number): Promise<void> {
    await this.#client<SecretRow>('request_secrets')
      .where({ request_id: requestId })
      .andWhereNot({ generation })
      .delete();
  }
}
