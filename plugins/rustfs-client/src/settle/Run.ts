import { SetupMade } from '@rustfs-portal/plugin-rustfs-common';
import { isRustfsError, ProvisioningClient } from '../client';
import { Look } from './chooseRecords';
import { ServerLists } from './ServerLists';
import { SettleOptions } from './types';

/** The kinds of things whose maker is kept. */
export type MadeKind = keyof SetupMade;

/** One run, as the records that are worked on see it. */
export class Run {
  readonly client: ProvisioningClient;
  readonly self: string;
  readonly lists: ServerLists;
  readonly dryRun: boolean;
  readonly #made: Record<MadeKind, Set<string>>;
  /** Kept by this run for what it is about to make. */
  readonly #claimed: Record<MadeKind, Set<string>>;
  readonly #options: SettleOptions;

  /**
   * @param made - names that are kept, of this run and of others
   * @param claimed - names that this run keeps in addition, for what it is about to make
   */
  constructor(
    options: SettleOptions,
    lists: ServerLists,
    names: { made: SetupMade | undefined; claimed: SetupMade | undefined },
  ) {
    this.client = options.client;
    this.self = options.self;
    this.dryRun = options.dryRun ?? false;
    this.lists = lists;
    this.#options = options;
    this.#made = toSets(names.made);
    this.#claimed = toSets(names.claimed);
  }

  /** Whether it was made by this program, or taken over; what it is about to make is not. */
  isOurs(kind: MadeKind, name: string): boolean {
    return this.#made[kind].has(name);
  }

  take(kind: MadeKind, name: string): void {
    if (!this.dryRun) {
      this.#made[kind].add(name);
    }
  }

  get made(): SetupMade {
    const all = (kind: MadeKind) =>
      [...new Set([...this.#made[kind], ...this.#claimed[kind]])].sort();
    return {
      buckets: all('buckets'),
      users: all('users'),
      policies: all('policies'),
    };
  }

  /** Makes something. Where it is not certain that it was not made, its name stays. */
  async make(kind: MadeKind, name: string, call: () => Promise<void>) {
    try {
      await call();
      this.take(kind, name);
    } catch (error) {
      if (isRustfsError(error, 'denied', 'refused', 'unsupported')) {
        this.#claimed[kind].delete(name);
      }
      throw error;
    }
  }

  /** Makes one change, or only tells of it. */
  async change(key: string, words: string, call: () => Promise<void>) {
    this.#options.observeChange?.({ key, words });
    if (!this.dryRun) {
      await call();
    }
  }
}

/** What a record is worked on with. */
export interface Work {
  key: string;
  look: Look;
  run: Run;
}

function toSets(made: SetupMade | undefined): Record<MadeKind, Set<string>> {
  return {
    buckets: new Set(made?.buckets),
    users: new Set(made?.users),
    policies: new Set(made?.policies),
  };
}
