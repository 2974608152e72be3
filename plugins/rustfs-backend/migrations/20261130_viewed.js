// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('requests', table => {
    table
      .string('viewed_at', 32)
      .nullable()
      .comment('When somebody last looked at it, to some seconds; ISO 8601');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  // Not by knex: on SQLite it makes the table anew, and dropping the old one takes the trails with it.
  await knex.raw('alter table requests drop column viewed_at');
};
