import { createHash } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import { EventParams } from '@backstage/plugin-events-node';
import { LRUCache } from 'lru-cache';
import { ForgeDirectory } from '../forges';
import { DatabaseHookStore, repositoryKey } from '../ledger';

/** What comes in this time is looked at together: a merge alone is a push and a pull request that was closed. */
const GATHER_MS = 500;
/** As long as more comes all the time. */
const GAP_MS = 2_000;
/** Of one repository in a minute; what is more waits for the next round of its own time. */
const AT_ONCE_PER_MINUTE = 60;
const MINUTE_MS = 60_000;
/** The same body says nothing new: it was sent again, by the forge or by somebody who has seen it. */
const REMEMBERED = { max: 10_000, ttl: 60 * MINUTE_MS };
/** Repositories whose webhooks are counted. */
const MAX_COUNTED = 10_000;

/**
 * Takes what webhooks say, keeps it in the database, and has a round look at what it is about. It does not have to be true: the
 * forge is asked, in bounded calls, whatever comes.
 */
export class HookInbox {
  readonly #forges: Pick<ForgeDirectory, 'readHook'>;
  readonly #logger: LoggerService;
  readonly #look: () => Promise<unknown>;
  readonly #now: () => number;
  readonly #seen = new LRUCache<string, true>(REMEMBERED);
  readonly #counts = new LRUCache<string, { count: number }>({
    max: MAX_COUNTED,
    ttl: MINUTE_MS,
  });
  readonly #store: Pick<DatabaseHookStore, 'add'>;
  readonly #waits: { gatherMs: number; gapMs: number };
  #timer?: NodeJS.Timeout;
  #looking?: Promise<void>;
  #lastLook = 0;
  #isStopped = false;

  constructor(options: {
    forges: Pick<ForgeDirectory, 'readHook'>;
    logger: LoggerService;
    /** A round over what the store has. */
    look: () => Promise<unknown>;
    now?: () => number;
    store: Pick<DatabaseHookStore, 'add'>;
    waits?: { gatherMs: number; gapMs: number };
  }) {
    this.#forges = options.forges;
    this.#logger = options.logger;
    this.#look = options.look;
    this.#now = options.now ?? Date.now;
    this.#store = options.store;
    this.#waits = options.waits ?? { gatherMs: GATHER_MS, gapMs: GAP_MS };
  }

  /** Takes one webhook, as the events service hands it on; whoever sent it does not wait for the look. */
  async receive({ eventPayload, topic }: EventParams): Promise<void> {
    const news = this.#forges.readHook(topic, eventPayload);
    if (news.length === 0 || this.#isStopped) {
      return;
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([topic, eventPayload]))
      .digest('hex');
    if (this.#seen.has(digest)) {
      return;
    }
    for (const { about, ...where } of news) {
      const repository = repositoryKey(where);
      const isKept = await this.#store.add({ repository, about });
      if (isKept && this.#count(repository)) {
        this.wake();
      }
    }
    // Last: what could not be kept is taken when it is sent again.
    this.#seen.set(digest, true);
  }

  /** Has a round look at what the store has, soon. */
  wake(): void {
    if (this.#timer || this.#isStopped) {
      return;
    }
    const { gapMs, gatherMs } = this.#waits;
    const next = Math.max(gatherMs, this.#lastLook + gapMs - this.#now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      // What comes during a look is looked at after it.
      this.#looking = (this.#looking ?? Promise.resolve()).then(() =>
        this.#lookNow(),
      );
    }, next).unref();
  }

  /** Takes nothing more, and waits for a look that has begun. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  async #lookNow(): Promise<void> {
    if (this.#isStopped) {
      return;
    }
    try {
      await this.#look();
    } catch (error) {
      assertError(error);
      this.#logger.error('Could not look at what webhooks told of', error);
    } finally {
      this.#lastLook = this.#now();
    }
  }

  /** Whether a repository may have one more look at once. */
  #count(repository: string): boolean {
    const counted = this.#counts.get(repository) ?? { count: 0 };
    counted.count += 1;
    if (counted.count === 1) {
      this.#counts.set(repository, counted);
    }
    return counted.count <= AT_ONCE_PER_MINUTE;
  }
}
