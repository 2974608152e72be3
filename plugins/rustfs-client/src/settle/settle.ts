import { SettledItem, SetupMade } from '@rustfs-portal/plugin-rustfs-common';
import { isRustfsError, RustfsError } from '../client';
import {
  chooseRecords,
  isReportOnly,
  isUnknown,
  keyOf,
  Look,
  mends,
} from './chooseRecords';
import { Run, Work } from './Run';
import { readServerLists, ServerLists } from './ServerLists';
import { compareAccess, settleAccess, whatAccessMakes } from './settleAccess';
import { compareBucket, settleBucket } from './settleBucket';
import {
  KeySecret,
  Settled,
  SettleOptions,
  SettleSettingsOptions,
  Verdict,
  VersionedRecord,
} from './types';
import { bad, drifted, programFailed, verdictOf } from './verdicts';

/** How often what is known by now is passed on. */
const PROGRESS_MS = 15_000;
/** A server that does not answer for so many records in a row is left alone until the next run. */
const SILENT_IN_A_ROW = 3;

/**
 * Makes one server agree with records, item by item. It makes what is not there and sets what differs, deletes nothing, and
 * touches nothing that somebody else has made unless a record says so. A record that has not changed is compared in turn, and
 * what differs is reported, or mended where the record says so. Safe to repeat, to interrupt, and to run twice at a time.
 *
 * @public
 */
export async function settle(options: SettleOptions): Promise<Settled> {
  return settleAll(options, {
    program: 'the setup program',
    settingsOnly: false,
  });
}

/**
 * Sets what bucket records say on buckets that somebody else makes, as the operator of a Tenant does: a bucket that is not
 * there is waited for, and of one that is there nobody asks who made it. Users and policies are left alone. A record of which
 * nothing was said before is compared, and settled when it is `asked` for. Otherwise as {@link settle}, with two calls for lists.
 *
 * @public
 */
export async function settleSettings(
  options: SettleSettingsOptions,
): Promise<Settled> {
  const { asked, program, ...rest } = options;
  return settleAll(
    { ...rest, secrets: [], self: '' },
    { asked, program, settingsOnly: true },
  );
}

async function settleAll(
  options: SettleOptions,
  {
    asked,
    program,
    settingsOnly,
  }: { asked?: ReadonlySet<string>; program: string; settingsOnly: boolean },
): Promise<Settled> {
  const { before, client, signal, progress } = options;
  const now = options.now ?? (() => new Date());
  const records = onePerKey(options.records);
  const secrets = onePerAccess(options.secrets);
  const settled: Settled = {
    items: {},
    removed: [],
    made: options.made ?? { buckets: [], users: [], policies: [] },
    server: { product: 'unknown' },
  };
  let lists: ServerLists;
  try {
    lists = await readServerLists(client, { bucketsOnly: settingsOnly });
  } catch (error) {
    return isRustfsError(error) ? { ...settled, stopped: error } : fail(error);
  }
  const { product, version } = lists.identity;
  settled.server = { product, version };
  const keys = new Set(records.map(keyOf));
  settled.removed = Object.keys(before).filter(key => !keys.has(key));

  const chosen = chooseRecords({
    records,
    secrets,
    before,
    differs: record => differences(record, lists, settingsOnly).length > 0,
    newcomers: settingsOnly ? 'compare' : 'settle',
    asked,
  });
  const claimed = settingsOnly
    ? undefined
    : namesToMake(chosen, {
        lists,
        secrets,
        made: options.made,
        self: options.self,
      });
  const isToClaim = claimed && !options.dryRun && options.claim;
  const names = {
    made: isToClaim ? await isToClaim(claimed) : options.made,
    claimed,
  };
  const run = new Run(options, lists, names, settingsOnly);
  const knownOf = (record: VersionedRecord) => {
    const item = before[keyOf(record)];
    return isUnknown(record, item, secrets) ? undefined : item;
  };
  const say = (
    record: VersionedRecord,
    verdict: Verdict,
    seen: { look: Look; parts?: Set<string> },
  ) => {
    settled.items[keyOf(record)] = toItem(record, verdict, {
      ...seen,
      secret: secrets.get(record.name),
      isSecretMet: run.isSecretMet(keyOf(record)),
      before: before[keyOf(record)],
      known: knownOf(record),
      now: now().toISOString(),
    });
  };
  for (const record of asked ? [] : records) {
    // What the lists alone show of records whose turn it is not.
    if (!chosen.has(record) && before[keyOf(record)]?.result === 'done') {
      const found = differences(record, lists, settingsOnly);
      if (found.length) {
        const what = record.type === 'bucket' ? 'Bucket' : 'Access';
        say(record, drifted(`${what} ${record.name}`, found), {
          look: 'compare',
        });
      }
    }
  }

  let passedOn = Date.now();
  let silent = 0;
  let stopped: RustfsError | undefined;
  for (const [record, look] of chosen) {
    if (signal?.aborted) {
      break;
    }
    const known = knownOf(record);
    const isToMend = mends(record) || asked !== undefined;
    const parts = new Set(isToMend ? [] : known?.settledParts);
    const seen = { look, parts };
    try {
      const secret = secrets.get(record.name);
      const verdict = await work(record, secret, { ...seen, run, before });
      say(record, verdict, seen);
      silent = 0;
    } catch (error) {
      if (!isRustfsError(error)) {
        // One record must not keep all others from their turn, run after run.
        options.observeFault?.({ key: keyOf(record), error });
        say(record, programFailed(program), seen);
        continue;
      }
      if (isRustfsError(error, 'credentials')) {
        stopped = error;
        break;
      }
      const isSilent = isRustfsError(error, 'unreachable', 'starting', 'busy');
      // Whoever looks only, and hears nothing, has learned nothing: what was found before stands.
      const standing = look === 'compare' && isSilent ? known : undefined;
      say(record, standing ? wordsOf(standing) : verdictOf(error), seen);
      silent = isSilent ? silent + 1 : 0;
      if (silent === SILENT_IN_A_ROW) {
        stopped = error;
        break;
      }
    }
    if (progress && Date.now() - passedOn > PROGRESS_MS) {
      await progress({ items: settled.items, made: run.made });
      passedOn = Date.now();
    }
  }
  return { ...settled, made: run.end(namesOf(records)), stopped };
}

async function work(
  record: VersionedRecord,
  secret: KeySecret | undefined,
  options: Pick<Work, 'look' | 'parts' | 'run'> & {
    before: Record<string, SettledItem>;
  },
): Promise<Verdict> {
  const { look, parts, run, before } = options;
  const key = keyOf(record);
  if ('wrong' in record) {
    return bad(record.wrong);
  }
  if (record.type === 'bucket') {
    return settleBucket(record.record, { key, look, parts, run });
  }
  return settleAccess(record.record, secret, {
    key,
    look,
    parts,
    run,
    isSecretOpen: isSecretOpen(before[key], secret),
  });
}

/** Whether the server may not have yet what the Secret says. */
function isSecretOpen(
  item: SettledItem | undefined,
  secret: KeySecret | undefined,
): boolean {
  return (
    secret !== undefined &&
    (item?.secretPending === true ||
      item?.secretVersion !== secret.resourceVersion)
  );
}

function differences(
  record: VersionedRecord,
  lists: ServerLists,
  settingsOnly: boolean,
): string[] {
  if (
    'wrong' in record ||
    // Whoever makes it says what has become of it.
    (settingsOnly && !lists.buckets.has(record.name))
  ) {
    return [];
  }
  return record.type === 'bucket'
    ? compareBucket(record.record, lists)
    : compareAccess(record.record, lists);
}

/** The names of what will be made, to be kept before that: a run after an interruption then knows it for its own. */
function namesToMake(
  chosen: Map<VersionedRecord, Look>,
  known: {
    lists: ServerLists;
    secrets: Map<string, KeySecret>;
    made: SetupMade | undefined;
    self: string;
  },
): SetupMade | undefined {
  const { lists, secrets, made, self } = known;
  const names: SetupMade = { buckets: [], users: [], policies: [] };
  const add = (kind: keyof SetupMade, name: string) => {
    const list = lists[kind];
    const isAbsent = !(list instanceof RustfsError) && !list.has(name);
    if (isAbsent && !made?.[kind].includes(name)) {
      names[kind].push(name);
    }
  };
  for (const [record, look] of chosen) {
    if (look === 'compare' || 'wrong' in record) {
      continue;
    }
    if (record.type === 'bucket') {
      add('buckets', record.record.bucket);
    } else {
      const secret = secrets.get(record.name);
      const { policies, users } = whatAccessMakes(record.record, secret, self);
      policies.forEach(name => add('policies', name));
      users.forEach(name => add('users', name));
    }
  }
  return Object.values(names).some(list => list.length > 0) ? names : undefined;
}

/** The names that records say something of. */
function namesOf(records: VersionedRecord[]): SetupMade {
  const names: SetupMade = { buckets: [], users: [], policies: [] };
  for (const record of records) {
    if (record.type === 'bucket') {
      names.buckets.push(
        'record' in record ? record.record.bucket : record.name,
      );
    } else if ('record' in record) {
      names.users.push(record.record.accessKeyId);
      names.policies.push(record.record.policy);
    }
  }
  return names;
}

function toItem(
  record: VersionedRecord,
  verdict: Verdict,
  options: {
    look: Look;
    parts?: Set<string>;
    secret: KeySecret | undefined;
    isSecretMet: boolean;
    before: SettledItem | undefined;
    /** `before`, when it is about this version of the record. */
    known: SettledItem | undefined;
    now: string;
  },
): SettledItem {
  const { look, parts, secret, isSecretMet, before, known, now } = options;
  const isReport =
    look === 'compare' ||
    verdict.result === 'done' ||
    verdict.result === 'drift' ||
    (mends(record) && known !== undefined && isReportOnly(known));
  const isSame =
    before?.result === verdict.result && before.reason === verdict.reason;
  return {
    uid: record.uid,
    resourceVersion: record.resourceVersion,
    ...(record.type === 'access' &&
      secret && {
        secretVersion: secret.resourceVersion,
        // Forgotten, a secret that has leaked would work again as soon as somebody enables its user.
        ...(!isSecretMet &&
          isSecretOpen(before, secret) && { secretPending: true }),
      }),
    ...(isReport && { reportOnly: true as const }),
    ...(!isReport && parts?.size && { settledParts: [...parts].sort() }),
    ...verdict,
    at: isSame ? before.at : now,
    checkedAt: now,
  };
}

/** Records that say the same name, user or policy contradict each other: none of them counts. */
function onePerKey(records: VersionedRecord[]): VersionedRecord[] {
  const byKey = groupBy(records, keyOf);
  const accessesBy = (field: 'accessKeyId' | 'policy') =>
    groupBy(records, record =>
      record.type === 'access' && 'record' in record
        ? record.record[field]
        : undefined,
    );
  const byUser = accessesBy('accessKeyId');
  const byPolicy = accessesBy('policy');
  return [...byKey.values()].map(same => {
    const [record] = same;
    const { type, name, uid, resourceVersion } = record;
    const wrong = (message: string): VersionedRecord => ({
      type,
      name,
      uid,
      resourceVersion,
      wrong: message,
    });
    if (same.length > 1) {
      return wrong(
        `There are ${same.length} records of ${type} ${name}: expected one`,
      );
    }
    if (record.type === 'bucket' || 'wrong' in record) {
      return record;
    }
    const { accessKeyId, policy } = record.record;
    const isOther = (other: VersionedRecord) => other !== record;
    const sameUser = byUser.get(accessKeyId)?.find(isOther);
    if (sameUser) {
      return wrong(
        `User ${accessKeyId} stands in the record of access ${sameUser.name} as well: expected one user for each`,
      );
    }
    const samePolicy = byPolicy.get(policy)?.find(isOther);
    return samePolicy
      ? wrong(
          `Policy ${policy} stands in the record of access ${samePolicy.name} as well: expected one policy for each`,
        )
      : record;
  });
}

function onePerAccess(secrets: KeySecret[]): Map<string, KeySecret> {
  return new Map(
    [...groupBy(secrets, ({ access }) => access)].map(([access, same]) => [
      access,
      same.length === 1
        ? same[0]
        : {
            access,
            resourceVersion: same
              .map(({ resourceVersion }) => resourceVersion)
              .sort()
              .join('.'),
          },
    ]),
  );
}

function groupBy<T>(
  items: T[],
  key: (item: T) => string | undefined,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const name = key(item);
    if (name !== undefined) {
      groups.set(name, [...(groups.get(name) ?? []), item]);
    }
  }
  return groups;
}

function fail(error: unknown): never {
  throw error;
}

function wordsOf({ result, reason, message }: SettledItem): Verdict {
  return { result, reason: reason as Verdict['reason'], message };
}
