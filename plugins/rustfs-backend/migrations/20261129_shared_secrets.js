// @ts-check

/**
 * A Secret is one thing whichever tenant it is asked for, so that its claim names none. Where requests for two tenants hold
 * one by now, the first of them keeps it.
 *
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  if (String(knex.client.config.client).startsWith('pg')) {
    // Replicas of the version before may still write: nothing is to come between reading and making anew.
    await knex.raw('lock table request_claims in access exclusive mode');
  }
  const rows = await knex('request_claims')
    .join('requests', 'requests.id', 'request_claims.request_id')
    .where('subject', 'like', '%:secret:%')
    .orderBy(['created_at', 'request_id'])
    .select('subject', 'slot', 'request_id');
  await knex('request_claims').where('subject', 'like', '%:secret:%').delete();
  for (const { subject, ...row } of rows) {
    await knex('request_claims')
      .insert({ ...row, subject: subject.slice(subject.indexOf(':secret:')) })
      .onConflict(['subject', 'slot'])
      .ignore();
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const rows = await knex('request_claims')
    .join('requests', 'requests.id', 'request_claims.request_id')
    .where('subject', 'like', ':secret:%')
    .select('subject', 'slot', 'request_id', 'tenant');
  for (const { subject, slot, request_id: id, tenant } of rows) {
    await knex('request_claims')
      .where({ subject, slot, request_id: id })
      .update({ subject: `${tenant}${subject}` });
  }
};
