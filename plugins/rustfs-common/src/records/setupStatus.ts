import { z } from 'zod';
import { json } from './texts';

/**
 * The name of the ConfigMap in which the setup program says what it did for a tenant, in the namespace of its records.
 *
 * @public
 */
export function setupStatusName(tenant: string): string {
  return `rustfs-setup-${tenant}`;
}

/**
 * Why a record is as it is. A program that is newer may say more words than are here, which are shown as they are.
 *
 * @public
 */
export type SettledReason =
  /** The server is as the record says. */
  | 'Settled'
  /** The Secret with the key is not there yet. */
  | 'SecretMissing'
  /** The bucket that is to be set is not there, and somebody else makes it. */
  | 'BucketMissing'
  /** The server has not measured the bucket, so that a quota would stop all writing. */
  | 'NotMeasured'
  /** Somebody has changed a setting on the server. */
  | 'Drift'
  /** Made by somebody else, and the record does not say that it is to be taken over. */
  | 'BucketNotOurs'
  | 'UserNotOurs'
  | 'PolicyNotOurs'
  /** The server does not take the policy. */
  | 'PolicyRefused'
  /** The server cannot do it: its version, or what is installed beside it. */
  | 'NotSupported'
  /** The key of the program may not do it. */
  | 'Denied'
  /** The record or the Secret does not say what it should. */
  | 'BadRecord'
  /** The server has not answered, or not as it should. */
  | 'ServerFailed'
  /** A fault of the program, which has gone on with the other records. */
  | 'ProgramFailed';

/**
 * What the setup program says of one record.
 *
 * @public
 */
export interface SettledItem {
  /** Of the record that it is about; an older one says nothing about the newer. */
  uid: string;
  resourceVersion: string;
  /** `resourceVersion` of the Secret with the key. */
  secretVersion?: string;
  /** The server may not have what that version of the Secret says yet. */
  secretPending?: true;
  /**
   * What differs from this version of the record is reported, and set only where the record says so: it was settled to the
   * end before, or nobody has asked the program to settle it. An older status does not say it; what it calls `done` or
   * `drift` was settled to the end.
   */
  reportOnly?: true;
  /** While it is not settled to the end: the settings of the bucket that are, of which differences are reported too. */
  settledParts?: string[];
  result: 'done' | 'waiting' | 'failed' | 'drift';
  reason: SettledReason | (string & {});
  /** One sentence for people, without anything secret. */
  message: string;
  /** ISO 8601: since when it is so, and when it was looked at last. */
  at: string;
  checkedAt: string;
}

/**
 * One run of the setup program.
 *
 * @public
 */
export interface SetupRun {
  /** ISO 8601. */
  startedAt: string;
  endedAt: string;
  /** 0: all is done or waits; 2: a record is wrong or has failed; 3: nobody has answered; 4: refused; 1: anything else. */
  exitCode: number;
  server?: { version?: string };
  counts: { done: number; waiting: number; failed: number; drift: number };
  /** What stopped all of it, for people. */
  message?: string;
}

/**
 * What the setup program has written about a tenant.
 *
 * @public
 */
export interface SetupStatus {
  /** The last run; undefined: there was none. */
  run?: SetupRun;
  /** By `bucket.<name>` and `access.<name>`. */
  items: Record<string, SettledItem>;
  /** What the program has made, or taken over; undefined: nothing yet. */
  made?: SetupMade;
  /** It says what was made, in a way that cannot be understood. That is not the same as nothing. */
  isMadeUnreadable?: true;
}

/**
 * Names on the server of what the program has made, or taken over where a record said so. A server does not keep who made
 * something; a name stands here before the thing is made, and when its record is gone.
 *
 * @public
 */
export interface SetupMade {
  buckets: string[];
  users: string[];
  policies: string[];
}

const itemSchema: z.ZodType<SettledItem> = z.object({
  uid: z.string(),
  resourceVersion: z.string(),
  secretVersion: z.string().optional(),
  secretPending: z.literal(true).optional(),
  reportOnly: z.literal(true).optional(),
  settledParts: z.array(z.string()).optional(),
  result: z.enum(['done', 'waiting', 'failed', 'drift']),
  reason: z.string(),
  message: z.string(),
  at: z.string(),
  checkedAt: z.string(),
});

const count = z.number().int().nonnegative();

const runSchema: z.ZodType<SetupRun> = z.object({
  startedAt: z.string(),
  endedAt: z.string(),
  exitCode: z.number().int(),
  server: z.object({ version: z.string().optional() }).optional(),
  counts: z.object({
    done: count,
    waiting: count,
    failed: count,
    drift: count,
  }),
  message: z.string().optional(),
});

const names = z.array(z.string());

const madeSchema: z.ZodType<SetupMade> = z.object({
  buckets: names,
  users: names,
  policies: names,
});

const RUN = 'run';
const MADE = 'made';

/**
 * The key of a record in the status.
 *
 * @public
 */
export function setupItemKey(type: 'bucket' | 'access', name: string): string {
  return `${type}.${name}`;
}

/**
 * Writes a status as the data of its ConfigMap.
 *
 * @public
 */
export function toSetupStatusData({
  run,
  items,
  made,
}: SetupStatus): Record<string, string> {
  return Object.fromEntries([
    ...(run ? [[RUN, JSON.stringify(run)]] : []),
    ...(made ? [[MADE, JSON.stringify(made)]] : []),
    ...Object.entries(items).map(([key, item]) => [key, JSON.stringify(item)]),
  ]);
}

/**
 * Reads the data of a status. What cannot be understood is left out: nothing is known of it then.
 *
 * @public
 */
export function readSetupStatusData(data: unknown): SetupStatus {
  const texts = z.record(z.string(), z.unknown()).safeParse(data ?? {});
  const status: SetupStatus = { items: {} };
  for (const [key, text] of Object.entries(texts.data ?? {})) {
    if (key === RUN) {
      status.run = json(runSchema).safeParse(text).data;
    } else if (key === MADE) {
      const { data: made } = json(madeSchema).safeParse(text);
      Object.assign(status, made ? { made } : { isMadeUnreadable: true });
    } else if (/^(bucket|access)\./.test(key)) {
      const item = json(itemSchema).safeParse(text).data;
      if (item) {
        status.items[key] = item;
      }
    }
  }
  return status;
}
