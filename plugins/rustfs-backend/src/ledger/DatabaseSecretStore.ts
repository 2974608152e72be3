import { SealedSecret } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Knex } from 'knex';

interface SecretRow {
  request_id: string;
  slot: string;
  path: string;
  recipients: string;
  content: string;
}

/**
 * Keeps the encrypted Secrets of open requests, so that a request that is rendered again, or goes on after a crash, has the
 * key that it had. Whoever reads this table reads what stands in the repository: ciphertext for the cluster.
 */
export class DatabaseSecretStore {
  readonly #client: Knex;

  constructor(client: Knex) {
    this.#client = client;
  }

  async list(requestId: string): Promise<SealedSecret[]> {
    const rows = await this.#client<SecretRow>('request_secrets').where({
      request_id: requestId,
    });
    return rows.map(({ slot, path, recipients, content }) => ({
      id: slot,
      path,
      recipients: JSON.parse(recipients) as string[],
      content,
    }));
  }

  /** Puts all Secrets of a request in place of those that it had: they hold one key. */
  async replace(requestId: string, secrets: SealedSecret[]): Promise<void> {
    await this.#client.transaction(async tx => {
      await tx('request_secrets').where({ request_id: requestId }).delete();
      await tx<SecretRow>('request_secrets').insert(
        secrets.map(({ id, path, recipients, content }) => ({
          request_id: requestId,
          slot: id,
          path,
          recipients: JSON.stringify(recipients),
          content,
        })),
      );
    });
  }
}
