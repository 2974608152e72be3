import type {
  AccessRecord,
  BucketRecord,
  SettledItem,
  SettledReason,
  SetupMade,
} from '@rustfs-portal/plugin-rustfs-common';
import { KeyPair, ProvisioningClient, RustfsError } from '../client';

/**
 * A record as it is applied, with the version that a verdict is about.
 *
 * @public
 */
export type VersionedRecord = {
  /** The bucket or access that it is about, as it is called in the status. */
  name: string;
  uid: string;
  resourceVersion: string;
} & (
  | { type: 'bucket'; record: BucketRecord }
  | { type: 'access'; record: AccessRecord }
  /** It cannot be understood. */
  | { type: 'bucket' | 'access'; wrong: string }
);

/**
 * The Secret with the key of the user of an access.
 *
 * @public
 */
export interface KeySecret {
  /** The access that it is for. */
  access: string;
  resourceVersion: string;
  /** Undefined: it does not hold both, and no more than that. */
  pair?: KeyPair;
}

/**
 * What is said of one record.
 *
 * @public
 */
export interface Verdict {
  result: SettledItem['result'];
  reason: SettledReason;
  /** One sentence, without anything secret. */
  message: string;
}

/**
 * One change of a server: for which record, and what it does, to follow "would": `set the quota of bucket invoices`.
 *
 * @public
 */
export interface SettleChange {
  key: string;
  words: string;
}

/**
 * What {@link settle} needs.
 *
 * @public
 */
export interface SettleOptions {
  records: VersionedRecord[];
  secrets: KeySecret[];
  client: ProvisioningClient;
  /** The access key as which the client calls: no record may touch that user. */
  self: string;
  /** What was said before, by key. */
  before: Record<string, SettledItem>;
  made?: SetupMade;
  /** Hears of every change before it is made; with `dryRun`, of those that would be. */
  observeChange?: (change: SettleChange) => void;
  /**
   * Makes a change: it calls `make` once and lets its error pass, and may note before and after. Without it the change is
   * just made.
   */
  makeChange?: (
    change: SettleChange,
    make: () => Promise<void>,
  ) => Promise<void>;
  /** Hears of a fault of this code at one record, of which the verdict says no more than that. */
  observeFault?: (fault: { key: string; error: unknown }) => void;
  /** Looks and compares, and changes nothing. */
  dryRun?: boolean;
  /**
   * Keeps names before what has them is made, so that a run that is interrupted knows its own.
   *
   * @returns the names that were kept before, by other runs too
   */
  claim?: (names: SetupMade) => Promise<SetupMade>;
  /** Hears from time to time of what has been said until now. */
  progress?: (settled: Pick<Settled, 'items' | 'made'>) => Promise<void>;
  /** Stops after the record that is being worked on. */
  signal?: AbortSignal;
  now?: () => Date;
}

/**
 * What {@link settleSettings} needs: all is said as in {@link SettleOptions}.
 *
 * @public
 */
export interface SettleSettingsOptions
  extends Pick<
    SettleOptions,
    | 'before'
    | 'client'
    | 'makeChange'
    | 'now'
    | 'observeFault'
    | 'progress'
    | 'signal'
  > {
  /** Those of buckets. */
  records: VersionedRecord[];
  /**
   * Keys of records that somebody waits for: they are settled now, and no other is looked at. Undefined: all are looked at
   * in turn, and one of which nothing was said before is compared only, unless it says that drift is mended. What nobody
   * has asked for may be as it is on purpose.
   */
  asked?: ReadonlySet<string>;
  /** How the program is called where it has failed by a fault of its own: `the portal`. */
  program: string;
}

/**
 * What {@link settle} has done.
 *
 * @public
 */
export interface Settled {
  /** What is said of records that were looked at, or whose difference showed without looking. */
  items: Record<string, SettledItem>;
  /** Keys of records that are no more. */
  removed: string[];
  made: SetupMade;
  server: { product: string; version?: string };
  /** Why not all of it was done: the server is away, or does not accept the key. */
  stopped?: RustfsError;
}
