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
  observeChange?: (change: { key: string; words: string }) => void;
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
