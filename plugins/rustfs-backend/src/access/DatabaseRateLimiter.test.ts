import {
  mockServices,
  TestDatabaseId,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { migrationsDirectory } from '../ledger';
import { DatabaseRateLimiter } from './DatabaseRateLimiter';
import { TooManyRequestsError } from './TooManyRequestsError';

// PostgreSQL takes part where a server is named; no container is started for it.
const ids: TestDatabaseId[] = process.env
  .BACKSTAGE_TEST_DATABASE_POSTGRES16_CONNECTION_STRING
  ? ['SQLITE_3', 'POSTGRES_16']
  : ['SQLITE_3'];

const ADA = 'user:default/ada';
const BEN = 'user:default/ben';

describe('how often one person may ask', () => {
  const databases = TestDatabases.create({ ids, disableDocker: true });

  describe.each(ids)('on %s', id => {
    async function setup() {
      const client = await databases.init(id);
      await client.migrate.latest({ directory: migrationsDirectory });
      const clock = { now: Date.parse('2026-01-01T00:00:00.000Z') };
      const logger = mockServices.logger.mock();
      const createReplica = () =>
        new DatabaseRateLimiter(client, {
          logger,
          now: () => clock.now,
          rates: {
            'name-check': { count: 5, windowMs: 60_000 },
            preview: { count: 3, windowMs: 60_000 },
            request: { count: 2, windowMs: 3_600_000 },
          },
        });
      return { client, clock, createReplica, limiter: createReplica(), logger };
    }

    it('says when the next call may come, and lets it pass then', async () => {
      const { clock, limiter } = await setup();
      for (const _ of [1, 2, 3]) {
        await limiter.take('preview', ADA);
      }
      clock.now += 36_500;
      const error = await limiter.take('preview', ADA).catch(e => e);
      expect(error).toBeInstanceOf(TooManyRequestsError);
      expect(error).toMatchObject({
        statusCode: 429,
        retryAfter: 24,
        message:
          'You have asked for a preview 3 times in 1 minute, and nobody may more often: try again in 24 seconds',
      });
      // Asking while there is nothing to be had does not put it off.
      clock.now += error.retryAfter * 1000;
      await expect(limiter.take('preview', ADA)).resolves.toBeUndefined();
    });

    it('writes long times in minutes', async () => {
      const { clock, limiter } = await setup();
      await limiter.take('request', ADA);
      await limiter.take('request', ADA);
      clock.now += 60_000;
      await expect(limiter.take('request', ADA)).rejects.toThrow(
        'You have asked for storage 2 times in 1 hour, and nobody may more often: try again in 59 minutes',
      );
    });

    it('counts each person and each kind on its own', async () => {
      const { limiter } = await setup();
      await limiter.take('request', ADA);
      await limiter.take('request', ADA);
      await expect(limiter.take('request', ADA)).rejects.toThrow();
      await expect(limiter.take('preview', ADA)).resolves.toBeUndefined();
      await expect(limiter.take('request', BEN)).resolves.toBeUndefined();
    });

    it('counts calls at the same time over all replicas, none of them twice', async () => {
      const { createReplica } = await setup();
      const replicas = [createReplica(), createReplica(), createReplica()];
      const answers = await Promise.allSettled(
        Array.from({ length: 12 }, (_, index) =>
          replicas[index % 3].take('name-check', ADA),
        ),
      );
      expect(
        answers.filter(({ status }) => status === 'fulfilled'),
      ).toHaveLength(5);
    });

    it('lets people look when the database takes nothing, and says so in the log', async () => {
      const { client, limiter, logger } = await setup();
      await client.schema.dropTable('rates');
      await expect(limiter.take('preview', ADA)).resolves.toBeUndefined();
      expect(logger.warn).toHaveBeenCalledWith(
        expect.stringMatching(/^Could not count a preview: \w+$/),
      );
    });

    it('keeps nothing of people who have stopped asking', async () => {
      const { client, clock, limiter } = await setup();
      await limiter.take('preview', ADA);
      await limiter.take('request', ADA);
      clock.now += 60_000;
      await limiter.take('preview', BEN);
      await expect(
        client('rates').select('person', 'kind').orderBy('person'),
      ).resolves.toEqual([
        { person: ADA, kind: 'request' },
        { person: BEN, kind: 'preview' },
      ]);
    });
  });
});
