// @ts-check

/**
 * @param {import('knex').Knex} knex
 */
exports.up = async function up(knex) {
  await knex.schema.alterTable('requests', table => {
    table.string('kind', 64).notNullable().defaultTo('bucket-create');
    table
      .string('subject_type', 16)
      .notNullable()
      .defaultTo('bucket')
      .comment('What `bucket` is the name of');
    table
      .integer('format')
      .notNullable()
      .defaultTo(1)
      .comment('A replica leaves rows of a newer format than its own alone');
  });

  await knex.schema.createTable('request_claims', table => {
    table.comment('What open requests hold');
    // A Tenant's cluster, namespace and name, and a Secret's: more than the 255 that are usual.
    table.string('subject', 700).notNullable().comment('tenant:type:name');
    // The same for all that hold it alone, so that the key keeps them apart; the id of the request for those that share.
    table.string('slot', 36).notNullable();
    table
      .string('request_id', 36)
      .notNullable()
      .references('id')
      .inTable('requests')
      .onDelete('CASCADE');
    table.primary(['subject', 'slot']);
    table.index(['request_id'], 'request_claims_request_idx');
  });

  await knex.schema.createTable('request_secrets', table => {
    table.comment('Secrets of open requests, encrypted for their cluster');
    table
      .string('request_id', 36)
      .notNullable()
      .references('id')
      .inTable('requests')
      .onDelete('CASCADE');
    table.string('slot', 128).notNullable();
    table.string('path', 1024).notNullable();
    table.text('recipients').notNullable().comment('Public keys, as JSON');
    table.text('content').notNullable().comment('Ciphertext');
    table.primary(['request_id', 'slot']);
  });

  const held = await knex('requests')
    .whereNotNull('open_bucket')
    .select('id', 'tenant', 'bucket');
  for (const { id, tenant, bucket } of held) {
    await knex('request_claims').insert({
      subject: `${tenant}:bucket:${bucket}`,
      slot: 'exclusive',
      request_id: id,
    });
  }
};

/**
 * @param {import('knex').Knex} knex
 */
exports.down = async function down(knex) {
  const held = await knex('request_claims')
    .where({ slot: 'exclusive' })
    .select('subject', 'request_id');
  await knex.schema.dropTable('request_secrets');
  await knex.schema.dropTable('request_claims');
  // What the version before does not know, it would take for buckets.
  await knex('requests').whereNot({ kind: 'bucket-create' }).delete();
  for (const { subject, request_id: id } of held) {
    const [tenant, , bucket] = subject.split(':');
    await knex('requests')
      .where({ id })
      .update({ open_bucket: `${tenant}:${bucket}` });
  }
  // Not by knex: on SQLite it makes the table anew, and dropping the old one takes the trails with it.
  for (const column of ['format', 'subject_type', 'kind']) {
    await knex.raw(`alter table requests drop column ${column}`);
  }
};
