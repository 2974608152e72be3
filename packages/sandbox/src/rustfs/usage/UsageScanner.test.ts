import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BucketStore } from '../storage/BucketStore';
import { Database } from '../storage/Database';
import { ObjectStore } from '../storage/ObjectStore';
import { UsageScanner } from './UsageScanner';

describe('measuring usage', () => {
  let dir: string;
  let database: Database;
  let scanner: UsageScanner | undefined;
  const warn = jest.fn();

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'usage-'));
    database = Database.open(join(dir, 'metadata.sqlite'));
  });

  afterEach(async () => {
    scanner?.stop();
    database.close();
    await rm(dir, { recursive: true });
  });

  const limit = (pages: number | string) =>
    database.sqlite.exec(`PRAGMA max_page_count = ${pages}`);

  it('goes on when the disk is full, and is kept once there is room again', async () => {
    const buckets = new BucketStore(database);
    const objects = new ObjectStore(database);
    const create = () => new UsageScanner(database, buckets, objects, 20, warn);
    scanner = create();
    scanner.start();
    for (let count = 0; count < 500; count += 1) {
      buckets.create(`bucket-${count}`, { objectLock: false });
    }
    // As many as there are: nothing can grow.
    limit(1);
    while (!warn.mock.calls.length) {
      await sleep(10);
    }
    expect(warn).toHaveBeenCalledWith(
      expect.stringMatching(/^Measuring usage failed: .*full/),
    );
    // What was measured is known all the same.
    expect(scanner.usageOf('bucket-499')).toMatchObject({ size: 0 });

    limit(1_000_000);
    const { cycle } = scanner.snapshot!;
    while (scanner.snapshot!.cycle < cycle + 2) {
      await sleep(10);
    }
    expect(create().usageOf('bucket-499')).toMatchObject({ size: 0 });
  });
});
