// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('request_secrets', table => {
    table
      .string('writer', 64)
      // A replica of the version before knows no other.
      .defaultTo('sops')
      .notNullable()
      .comment('Id of what encrypted it');
  });
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  await knex.schema.alterTable('request_secrets', table => {
    table.dropColumn('writer');
  });
};
