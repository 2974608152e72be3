import { unattended } from '../../unattended';
import { nowWithNanoseconds } from '../http/timestamps';
import type { BucketStore } from '../storage/BucketStore';
import type { Database } from '../storage/Database';
import { DocumentCollection } from '../storage/DocumentCollection';
import type { ObjectStore } from '../storage/ObjectStore';
import { type BucketUsage, measureBucket } from './measureBucket';

export interface UsageSnapshot {
  /** RFC 3339 with nanoseconds. */
  updatedAt: string;
  cycle: number;
  buckets: Record<string, BucketUsage>;
}

/**
 * Measures usage once per cycle. In between, numbers are those of the last cycle: a bucket that was not measured yet
 * has none at all, which is not the same as zero.
 */
export class UsageScanner {
  private readonly documents: DocumentCollection<UsageSnapshot>;
  private current: UsageSnapshot | undefined;
  private readonly writtenSince = new Map<string, number>();
  private readonly changed = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  /** When a cycle last ended in this process; usage of an earlier run is kept, its freshness is not. */
  private lastCycleEnd: Date | undefined;

  constructor(
    database: Database,
    private readonly buckets: BucketStore,
    private readonly objects: ObjectStore,
    readonly cycleMs: number,
    private readonly warn?: (message: string) => void,
  ) {
    this.documents = new DocumentCollection(database, 'usage');
    this.current = this.documents.get('snapshot');
    buckets.all().forEach(bucket => this.changed.add(bucket.name));
  }

  start(): void {
    if (!this.current) {
      this.scan();
    }
    this.timer = setInterval(
      () => unattended('Measuring usage', () => this.scan(), this.warn),
      this.cycleMs,
    );
    this.timer.unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  get snapshot(): UsageSnapshot | undefined {
    return this.current;
  }

  get cycleEnd(): Date | undefined {
    return this.lastCycleEnd;
  }

  usageOf(bucket: string): BucketUsage | undefined {
    return this.current?.buckets[bucket];
  }

  /** What quota is checked against: the last measurement and what was written since; deletions count later. */
  quotaUsageOf(bucket: string): number | undefined {
    const measured = this.usageOf(bucket);
    return measured && measured.size + (this.writtenSince.get(bucket) ?? 0);
  }

  noteCreated(bucket: string): void {
    this.changed.add(bucket);
  }

  noteWrite(bucket: string, bytes: number): void {
    this.changed.add(bucket);
    this.writtenSince.set(bucket, (this.writtenSince.get(bucket) ?? 0) + bytes);
  }

  noteDelete(bucket: string): void {
    this.changed.add(bucket);
  }

  noteBucketRemoved(bucket: string): void {
    this.changed.delete(bucket);
    this.writtenSince.delete(bucket);
    if (this.current?.buckets[bucket]) {
      const { [bucket]: _gone, ...others } = this.current.buckets;
      this.save({ ...this.current, buckets: others });
    }
  }

  /** Measures every bucket that may have changed. */
  scan(): void {
    const measured: Record<string, BucketUsage> = {};
    for (const { name } of this.buckets.all()) {
      const known = this.current?.buckets[name];
      measured[name] =
        known && !this.changed.has(name)
          ? known
          : measureBucket(this.objects.sizes(name));
    }
    this.changed.clear();
    this.writtenSince.clear();
    this.lastCycleEnd = new Date();
    this.save({
      updatedAt: nowWithNanoseconds(),
      cycle: (this.current?.cycle ?? -1) + 1,
      buckets: measured,
    });
  }

  private save(snapshot: UsageSnapshot): void {
    this.current = snapshot;
    this.documents.put('snapshot', snapshot);
  }
}
