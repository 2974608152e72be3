// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('requests', table => {
    table
      .string('head', 64)
      .nullable()
      .comment('Commit of the branch as the portal wrote it last');
  });
  await knex.schema.alterTable('request_events', table => {
    table.string('actor').nullable().comment('Who did it; entity ref');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // Not by knex: on SQLite it makes the table anew, and dropping the old one takes the trails with it.
  await knex.raw('alter table request_events drop column actor');
  await knex.raw('alter table requests drop column head');
};
