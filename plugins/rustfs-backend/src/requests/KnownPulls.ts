import { POLICY_STATUS } from '@rustfs-portal/plugin-rustfs-common';
import {
  Forge,
  ListedPull,
  Pull,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { LRUCache } from 'lru-cache';
import { once } from './once';
import { LocatedTarget } from './LocatedTarget';
import { SilentForges } from './SilentForges';

/** More than a company has open at once; what is not kept is read again. */
const MAX_KNOWN = 5_000;
/** What no list tells: checks, and on some forges whether it can be merged. */
const CHECKED_FOR_MS = 60_000;
/** As long as it can be merged and all checks have passed. */
const PASSED_FOR_MS = 5 * 60_000;

/** Forges tell times in whole seconds: what is written in the same second as something before looks as if nothing was. */
const PRECISION_MS = 1_000;

interface KnownPull {
  pull: Pull;
  /** As the list had it before it was read. */
  updatedAt?: string;
  /** When it was first read since that time. */
  firstReadAt: number;
  readAt: number;
  /** When a list last had it; undefined: none had since the replica began. */
  lastOpenAt?: number;
  /** The portal has written its commit: when the forge says that was, the next list tells. */
  isWritten?: boolean;
}

/** The pull requests of one round over all requests. */
export class RoundPulls {
  readonly #forges: SilentForges;
  readonly #known: LRUCache<string, KnownPull>;
  readonly #now: () => Date;
  readonly #startedAt: number;
  readonly #lists = new Map<string, Promise<Map<number, ListedPull>>>();

  constructor(options: {
    forges: SilentForges;
    known: LRUCache<string, KnownPull>;
    now: () => Date;
  }) {
    this.#forges = options.forges;
    this.#known = options.known;
    this.#now = options.now;
    this.#startedAt = options.now().getTime();
  }

  /** When it was last known to be open, in milliseconds since 1970; undefined when that is not known. */
  lastOpenAt(
    { forgeUrl, repository }: LocatedTarget,
    number: number,
  ): number | undefined {
    return this.#known.get(`${forgeUrl} ${repository} ${number}`)?.lastOpenAt;
  }

  /**
   * A pull request with its checks, as it is now but for the checks, which may be some minutes old.
   *
   * @param options - `isViewed`: somebody looks at it, so the checks are as of now, too; `isTold`: a webhook told of it, so it is
   * read whatever is known of it; `isShaken`: its base branch has moved, so it is read unless the list tells whether it is in conflict
   * @returns `isFresh`: all of it was read just now
   * @throws ForgeError
   */
  async read(
    located: LocatedTarget,
    number: number,
    options: { isViewed?: boolean; isTold?: boolean; isShaken?: boolean } = {},
  ): Promise<{ pull: Pull; isFresh: boolean }> {
    const { forge, forgeUrl, repository } = located;
    const key = `${forgeUrl} ${repository} ${number}`;
    const known = this.#known.get(key);
    // What is read anyway needs no list to say so.
    const listed = options.isTold
      ? undefined
      : (await this.#list(located)).get(number);
    const mayHaveMoved =
      options.isTold ||
      (options.isShaken && listed && listed.mergeable === undefined) ||
      (options.isViewed && known?.pull.state === 'open');
    if (known && listed) {
      // The list was asked for after that.
      known.lastOpenAt = this.#startedAt;
    }
    if (known?.isWritten && listed && listed.head === known.pull.head) {
      // What came later is not the portal's, so it is read.
      if (!(Date.parse(listed.updatedAt) > known.readAt + PRECISION_MS)) {
        known.updatedAt = listed.updatedAt;
      }
      known.isWritten = false;
    }
    if (known && !mayHaveMoved && this.#isAsItWas(known, listed)) {
      const { pull } = known;
      return {
        pull: { ...pull, mergeable: listed?.mergeable ?? pull.mergeable },
        isFresh: false,
      };
    }
    const readAt = this.#now().getTime();
    const pull = await this.#forges.ask(forgeUrl, () =>
      forge.getPull(repository, number, { checks: true }),
    );
    const updatedAt = pull.updatedAt ?? listed?.updatedAt;
    const firstReadAt =
      known && known.updatedAt === updatedAt ? known.firstReadAt : readAt;
    const lastOpenAt = listed ? this.#startedAt : known?.lastOpenAt;
    this.#known.set(key, { pull, updatedAt, firstReadAt, readAt, lastOpenAt });
    return { pull, isFresh: true };
  }

  /**
   * Takes note of the commit that the portal has just written, so that nothing has to be read for that. An approval is about one
   * commit, and nobody has said anything of this one yet.
   */
  noteWritten(
    { forgeUrl, repository }: LocatedTarget,
    number: number,
    commit: string,
  ): void {
    const key = `${forgeUrl} ${repository} ${number}`;
    const known = this.#known.get(key);
    if (known?.pull.state !== 'open') {
      return;
    }
    const { pull } = known;
    const now = this.#now().getTime();
    this.#known.set(key, {
      pull: {
        ...pull,
        head: commit,
        // It stands on another commit now, which nobody has asked for.
        mergeBase: undefined,
        mergeable: undefined,
        checks: [],
        reviews: {
          ...pull.reviews,
          approvedBy: [],
          approvedUncounted: [],
          remarks: pull.reviews.remarks?.map(remark => ({
            ...remark,
            isOutdated: true,
          })),
        },
      },
      firstReadAt: now - PRECISION_MS,
      readAt: now,
      lastOpenAt: known.lastOpenAt,
      isWritten: true,
    });
  }

  #list(located: LocatedTarget): Promise<Map<number, ListedPull>> {
    const { forge, forgeUrl, repository } = located;
    return once(this.#lists, `${forgeUrl} ${repository}`, () =>
      this.#forges.ask(forgeUrl, () => readOpen(forge, repository)),
    );
  }

  #isAsItWas(
    { pull, firstReadAt, readAt, updatedAt }: KnownPull,
    listed: ListedPull | undefined,
  ): boolean {
    const age = this.#now().getTime() - readAt;
    if (!listed) {
      // One that was closed may have been opened again and merged since.
      return (
        pull.state === 'merged' ||
        (pull.state === 'closed' && age < CHECKED_FOR_MS)
      );
    }
    return (
      pull.state === 'open' &&
      pull.head === listed.head &&
      updatedAt === listed.updatedAt &&
      readAt - firstReadAt >= PRECISION_MS &&
      age < (isSettled(pull, listed) ? PASSED_FOR_MS : CHECKED_FOR_MS)
    );
  }
}

/**
 * Pull requests as they were read last, so that a round reads one list for each repository and only those that changed.
 * Each replica keeps its own: what it does not know, it reads.
 */
export class KnownPulls {
  readonly #now: () => Date;
  readonly #known = new LRUCache<string, KnownPull>({ max: MAX_KNOWN });

  constructor(options: { now: () => Date }) {
    this.#now = options.now;
  }

  startRound(forges: SilentForges): RoundPulls {
    return new RoundPulls({ forges, known: this.#known, now: this.#now });
  }
}

async function readOpen(
  forge: Pick<Forge, 'listOpenPulls'>,
  repository: string,
): Promise<Map<number, ListedPull>> {
  const pulls = await forge.listOpenPulls(repository);
  return new Map(pulls.map(pull => [pull.number, pull]));
}

/** Whether nothing that the list does not tell is likely to change soon. */
function isSettled(
  { checks = [], mergeable: before }: Pull,
  { mergeable = before }: ListedPull,
): boolean {
  // The portal's own word comes at once: without another one, those of others may be on their way.
  return (
    mergeable === true &&
    checks.some(({ name }) => name !== POLICY_STATUS) &&
    checks.every(({ state }) => state === 'passing')
  );
}
