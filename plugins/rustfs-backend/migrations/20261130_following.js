// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.createTable('hooks', table => {
    table.comment('What webhooks have said that nobody has looked at yet');
    table.string('id', 64).primary().comment('Hash of repository and about');
    table.text('repository').notNullable().comment('Forge and repository');
    table.text('about').notNullable().comment('What it is about, as JSON');
    table.string('mark', 36).notNullable().comment('Another one each time');
    table
      .string('told_at', 32)
      .notNullable()
      .comment('When it was said last; ISO 8601');
  });
  await knex.schema.createTable('looks', table => {
    table.comment('When open requests of a repository were last looked at');
    table.string('id', 64).primary().comment('Hash of the repository');
    table.string('looked_at', 32).nullable().comment('ISO 8601');
    table
      .string('hooked_at', 32)
      .nullable()
      .comment('When a webhook last came, while none is missed; ISO 8601');
  });
  await knex.schema.createTable('rounds', table => {
    table.comment('When a task last began, and on which replica');
    table.string('key', 64).primary();
    table.string('replica', 36).notNullable();
    table.string('started_at', 32).notNullable().comment('ISO 8601');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.dropTable('rounds');
  await knex.schema.dropTable('looks');
  await knex.schema.dropTable('hooks');
};
