// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('requests', table => {
    table.comment('Storage requests: who asked for what, and how far it is');
    table.string('id', 36).primary();
    table.integer('version').notNullable().comment('Counts changes of the row');
    table.string('requested_by').notNullable();
    table.string('idempotency_key').notNullable();
    table.string('content_hash', 64).notNullable();
    table.string('entity_ref').notNullable();
    table.string('owner').notNullable();
    table.string('tenant').notNullable();
    table.string('bucket', 63).notNullable();
    table
      .string('open_bucket')
      .nullable()
      .comment('Tenant and bucket while the request holds the name');
    table.string('state', 16).notNullable();
    table.string('created_at', 24).notNullable().comment('ISO 8601, UTC');
    table.string('updated_at', 24).notNullable().comment('ISO 8601, UTC');
    table.text('data').notNullable().comment('The rest as JSON; no secrets');

    table.unique(['requested_by', 'idempotency_key'], {
      indexName: 'requests_key_uniq',
    });
    table.unique(['open_bucket'], { indexName: 'requests_open_bucket_uniq' });
    table.index(['state', 'updated_at'], 'requests_state_idx');
    table.index(['entity_ref', 'created_at'], 'requests_entity_idx');
    table.index(['owner', 'created_at'], 'requests_owner_idx');
    table.index(['created_at', 'id'], 'requests_created_idx');
  });

  await knex.schema.createTable('request_events', table => {
    table.comment('The trail of each request, in order');
    table
      .string('request_id', 36)
      .notNullable()
      .references('id')
      .inTable('requests')
      .onDelete('CASCADE');
    table.integer('position').notNullable();
    table.string('state', 16).notNullable();
    table.string('at', 32).notNullable();
    table.string('source', 16).notNullable();
    table.text('message').notNullable();
    table.text('link').nullable();
    table.primary(['request_id', 'position']);
  });

  await knex.schema.createTable('locks', table => {
    table.comment('One writer per key across replicas');
    table.string('key').primary();
    table.string('holder', 36).notNullable();
    table.string('expires_at', 24).notNullable();
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('locks');
  await knex.schema.dropTable('request_events');
  await knex.schema.dropTable('requests');
};
