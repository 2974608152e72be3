import {
  DatabaseService,
  resolvePackagePath,
} from '@backstage/backend-plugin-api';
import { Knex } from 'knex';

/** The folder of the ledger's migrations. */
export const migrationsDirectory = resolvePackagePath(
  '@rustfs-portal/plugin-rustfs-backend',
  'migrations',
);

/** The plugin's database, brought up to date. */
export async function getMigratedClient(
  database: DatabaseService,
): Promise<Knex> {
  const client = await database.getClient();
  if (!database.migrations?.skip) {
    await client.migrate.latest({ directory: migrationsDirectory });
  }
  return client;
}
