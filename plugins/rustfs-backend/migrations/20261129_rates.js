// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('rates', table => {
    table.comment('How often one person did something in the window under way');
    table.string('person').notNullable().comment('Entity ref');
    table.string('kind', 16).notNullable();
    table.integer('count').notNullable();
    table.string('ends_at', 24).notNullable().comment('ISO 8601, UTC');
    table.primary(['person', 'kind']);
    table.index(['ends_at'], 'rates_ends_idx');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('rates');
};
