// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('settled_records', table => {
    table.comment('What the settings task said last of each bucket record');
    table.string('tenant').notNullable().comment('cluster/namespace/name');
    // Also of a record that cannot be read, whatever it calls its bucket.
    table.text('key').notNullable().comment('bucket.<name>');
    table.string('result', 16).notNullable();
    table.text('item').notNullable().comment('All that was said, as JSON');
    table.primary(['tenant', 'key']);
    table.index(['result'], 'settled_records_result_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('settled_records');
};
