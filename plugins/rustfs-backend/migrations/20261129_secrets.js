// @ts-check

/**
 * @param {import('knex').Knex} knex
 * @param {{ hasGenerations: boolean }} options
 */
async function createTable(knex, { hasGenerations }) {
  await knex.schema.createTable('request_secrets', table => {
    table.comment('Secrets of open requests, encrypted for their cluster');
    table
      .string('request_id', 36)
      .notNullable()
      .references('id')
      .inTable('requests')
      .onDelete('CASCADE');
    if (hasGenerations) {
      table
        .integer('generation')
        .notNullable()
        .defaultTo(1)
        .comment('Counts the keys that were made for a request');
      table
        .string('head', 64)
        .nullable()
        .comment('Commit of the branch that has it, once that was seen');
    }
    table.string('slot', 128).notNullable();
    table.string('path', 1024).notNullable();
    table.text('recipients').notNullable().comment('Public keys, as JSON');
    table.text('content').notNullable().comment('Ciphertext');
    table.primary(
      hasGenerations
        ? ['request_id', 'generation', 'slot']
        : ['request_id', 'slot'],
    );
  });
}

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  if (String(knex.client.config.client).startsWith('pg')) {
    // Replicas of the version before may still write: nothing is to come between reading and making anew.
    await knex.raw('lock table request_secrets in access exclusive mode');
  }
  // Made anew: a primary key cannot be changed on SQLite.
  const kept = await knex('request_secrets');
  await knex.schema.dropTable('request_secrets');
  await createTable(knex, { hasGenerations: true });
  for (const row of kept) {
    await knex('request_secrets').insert({ ...row, generation: 1 });
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const kept = await knex('request_secrets').orderBy('generation');
  await knex.schema.dropTable('request_secrets');
  await createTable(knex, { hasGenerations: false });
  // The version before knows one key of a request: the newest.
  for (const { generation, head, ...row } of kept) {
    const { request_id: id } = row;
    const isNewest = !kept.some(
      other => other.request_id === id && other.generation > generation,
    );
    if (isNewest) {
      await knex('request_secrets').insert(row);
    }
  }
};
