import { SetupMade } from '@rustfs-portal/plugin-rustfs-common';
import { isRustfsError, ProvisioningClient, RustfsError } from '../client';
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
  /** Somebody else makes the buckets, and has said with that whose they are. */
  readonly settingsOnly: boolean;
  readonly #made: Record<MadeKind, Set<string>>;
  /** Kept by this run for what it is about to make. */
  readonly #claimed: Record<MadeKind, Set<string>>;
  readonly #taken = toSets(undefined);
  /** Nobody knows whether the server has made it. */
  readonly #uncertain = toSets(undefined);
  readonly #secretsMet = new Set<string>();
  readonly #options: SettleOptions;

  /**
   * @param made - names that are kept, of this run and of others
   * @param claimed - names that this run keeps in addition, for what it is about to make
   */
  constructor(
    options: SettleOptions,
    lists: ServerLists,
    names: { made: SetupMade | undefined; claimed: SetupMade | undefined },
    settingsOnly: boolean,
  ) {
    this.client = options.client;
    this.self = options.self;
    this.dryRun = options.dryRun ?? false;
    this.settingsOnly = settingsOnly;
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
      this.#taken[kind].add(name);
    }
  }

  /** While it goes on: with what may still be made. */
  get made(): SetupMade {
    return toNames(kind => [...this.#made[kind], ...this.#claimed[kind]]);
  }

  /**
   * What is kept when it has ended. What was claimed and came to nothing goes, and so does what neither the server nor a
   * record has: what somebody else calls so later is not this program's.
   *
   * @param named - by records
   */
  end(named: SetupMade): SetupMade {
    return toNames(kind => {
      const list = this.lists[kind];
      const isNamed = new Set(named[kind]);
      const stays = (name: string) =>
        list instanceof RustfsError ||
        list.has(name) ||
        this.#taken[kind].has(name) ||
        isNamed.has(name) ||
        // Another run has kept it since the lists were read.
        !this.#options.made?.[kind].includes(name);
      return [...[...this.#made[kind]].filter(stays), ...this.#uncertain[kind]];
    });
  }

  /** The server has what the Secret of this access says. */
  meetSecret(key: string): void {
    this.#secretsMet.add(key);
  }

  isSecretMet(key: string): boolean {
    return this.#secretsMet.has(key);
  }

  /** Makes something. Where it is not certain that it was not made, its name stays. */
  async make(kind: MadeKind, name: string, call: () => Promise<void>) {
    try {
      await call();
      this.take(kind, name);
    } catch (error) {
      if (isRustfsError(error, 'denied', 'refused', 'unsupported')) {
        this.#claimed[kind].delete(name);
      } else {
        this.#uncertain[kind].add(name);
      }
      throw error;
    }
  }

  /** Makes one change, or only tells of it. */
  async change(key: string, words: string, call: () => Promise<void>) {
    const { makeChange, observeChange } = this.#options;
    observeChange?.({ key, words });
    if (!this.dryRun) {
      await (makeChange ? makeChange({ key, words }, call) : call());
    }
  }
}

/** What a record is worked on with. */
export interface Work {
  key: string;
  look: Look;
  run: Run;
  /** Settings of this version of the record that are settled to the end; settling adds to them. */
  parts: Set<string>;
}

function toNames(list: (kind: MadeKind) => string[]): SetupMade {
  const sorted = (kind: MadeKind) => [...new Set(list(kind))].sort();
  return {
    buckets: sorted('buckets'),
    users: sorted('users'),
    policies: sorted('policies'),
  };
}

function toSets(made: SetupMade | undefined): Record<MadeKind, Set<string>> {
  return {
    buckets: new Set(made?.buckets),
    users: new Set(made?.users),
    policies: new Set(made?.policies),
  };
}
