import { createHash } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import { EventParams } from '@backstage/plugin-events-node';
import { branchOf } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
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

/** The branches of requests, which have UUIDs. */
const OWN_BRANCH = new RegExp(`^${branchOf('[0-9a-f-]{36}')}(-[0-9]+)?$`);

/**
 * Takes what webhooks say, keeps it in the database, and has a round look at what it is about. It does not have to be true: the
 * forge is asked, in bounded calls, whatever comes.
 */
export class HookInbox {
  readonly #forges: Pick<ForgeDirectory, 'readHook'>;
  readonly #logger: LoggerService;
  readonly #look: (signal: AbortSignal) => Promise<unknown>;
  readonly #seen = new LRUCache<string, true>(REMEMBERED);
  readonly #counts = new LRUCache<string, { count: number }>({
    max: MAX_COUNTED,
    ttl: MINUTE_MS,
  });
  readonly #store: Pick<DatabaseHookStore, 'add'>;
  readonly #waits: { gatherMs: number; gapMs: number };
  readonly #stop = new AbortController();
  #timer?: NodeJS.Timeout;
  #looking?: Promise<void>;
  #lastLook = 0;
  /** More has come during a look. */
  #isAgain = false;

  constructor(options: {
    forges: Pick<ForgeDirectory, 'readHook'>;
    logger: LoggerService;
    /** A round over what the store has; the signal ends it before its time. */
    look: (signal: AbortSignal) => Promise<unknown>;
    store: Pick<DatabaseHookStore, 'add'>;
    waits?: { gatherMs: number; gapMs: number };
  }) {
    this.#forges = options.forges;
    this.#logger = options.logger;
    this.#look = options.look;
    this.#store = options.store;
    this.#waits = options.waits ?? { gatherMs: GATHER_MS, gapMs: GAP_MS };
  }

  /** Takes one webhook, as the events service hands it on; whoever sent it does not wait for the look. */
  async receive({ eventPayload, topic }: EventParams): Promise<void> {
    const news = this.#forges
      .readHook(topic, eventPayload)
      .filter(({ about }) => !isOwnPush(about));
    if (news.length === 0) {
      return;
    }
    const digest = createHash('sha256')
      .update(JSON.stringify([topic, eventPayload]))
      .digest('hex');
    if (this.#seen.has(digest)) {
      return;
    }
    let isAllKept = true;
    for (const { about, ...where } of news) {
      const repository = repositoryKey(where);
      // After the end, too: another replica looks at it.
      const isKept = await this.#store.add({ repository, about });
      if (isKept && this.#count(repository)) {
        this.wake();
      }
      isAllKept &&= isKept;
    }
    // What could not be kept is taken when it is sent again.
    if (isAllKept) {
      this.#seen.set(digest, true);
    }
  }

  /** Has a round look at what the store has, soon. */
  wake(): void {
    if (this.#looking) {
      this.#isAgain = true;
      return;
    }
    if (this.#timer || this.#stop.signal.aborted) {
      return;
    }
    const { gapMs, gatherMs } = this.#waits;
    const next = Math.max(gatherMs, this.#lastLook + gapMs - Date.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#looking = this.#lookNow();
    }, next).unref();
  }

  /** Has nothing more looked at, and ends a look that has begun. What comes is kept for another replica. */
  async stop(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#looking;
  }

  async #lookNow(): Promise<void> {
    try {
      await this.#look(this.#stop.signal);
    } catch (error) {
      assertError(error);
      this.#logger.error('Could not look at what webhooks told of', error);
    } finally {
      this.#lastLook = Date.now();
      this.#looking = undefined;
      // One look for all that has come meanwhile, however long it took.
      if (this.#isAgain) {
        this.#isAgain = false;
        this.wake();
      }
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

/** A push to the branch of a request: what somebody else has pushed there, its pull request tells. */
function isOwnPush(about: ForgeNews['about']): boolean {
  return about.type === 'branch' && OWN_BRANCH.test(about.branch);
}
