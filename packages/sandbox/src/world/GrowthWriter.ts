import { randomInt } from 'node:crypto';
import { RustfsAdmin } from '../reconciler/operator';
import { contentOf, putObject } from './fill';

const EVERY_MS = 15_000;
const MIN_BYTES = 2_000;
const MAX_BYTES = 16_000;

/**
 * Lets use grow: now and then one of the growing buckets gets a small object.
 */
export class GrowthWriter {
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(buckets: Array<{ admin: RustfsAdmin; bucket: string }>) {
    this.timer = setInterval(() => {
      if (buckets.length) {
        this.writing = this.write(buckets[randomInt(buckets.length)]);
      }
    }, EVERY_MS);
    this.timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.writing;
  }

  private async write(target: {
    admin: RustfsAdmin;
    bucket: string;
  }): Promise<void> {
    const day = new Date().toISOString().replace(/[:.]/g, '-').split('T');
    const key = `${day[0]}/${day[1]}.json`;
    try {
      await putObject(
        target.admin,
        target.bucket,
        key,
        contentOf(key, randomInt(MIN_BYTES, MAX_BYTES)),
      );
    } catch {
      // Full, or the server is away: use does not grow then.
    }
  }
}
