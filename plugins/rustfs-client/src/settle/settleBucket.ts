import {
  BucketRecord,
  formatBytes,
  LifecycleRule,
  wantsLock,
} from '@rustfs-portal/plugin-rustfs-common';
import { AccountBucket, isRustfsError, RustfsError } from '../client';
import { Work } from './Run';
import { ServerLists } from './ServerLists';
import { Verdict } from './types';
import { drifted, settled, verdictOf } from './verdicts';

/** How one setting is brought about. */
interface Setting {
  /** Completes "is not as the record says: …". */
  name: string;
  differs: boolean;
  /** Why it is not set, although it differs. */
  keeps?: string;
  set: () => Promise<void>;
}

/** What the lists show to differ; no call is made for it. */
export function compareBucket(
  record: BucketRecord,
  lists: ServerLists,
): string[] {
  const live = lists.buckets.get(record.bucket);
  if (!live) {
    return ['it is not there'];
  }
  const isListedOnly = live.versioning === undefined;
  return [
    ...(!isListedOnly && wantsLock(record) && !live.objectLock
      ? ['object lock']
      : []),
    ...(!isListedOnly && record.versioning && live.versioning !== 'enabled'
      ? ['versioning']
      : []),
    ...(!isListedOnly &&
    record.quotaBytes !== undefined &&
    live.quotaBytes !== record.quotaBytes
      ? ['quota']
      : []),
  ];
}

/** Makes one bucket as its record says, or says what differs. */
export async function settleBucket(
  record: BucketRecord,
  work: Work,
): Promise<Verdict> {
  const { run, look, key, parts } = work;
  const { bucket } = record;
  let live = run.lists.buckets.get(bucket);
  if (!live && run.settingsOnly) {
    return {
      result: 'waiting',
      reason: 'BucketMissing',
      message: `Bucket ${bucket} is not on the server yet; it is set once it is there`,
    };
  }
  if (!live) {
    if (look === 'compare') {
      return drifted(`Bucket ${bucket}`, ['it is not there']);
    }
    const refusal = await makeBucket(record, work);
    if (refusal) {
      return refusal;
    }
    live = {
      name: bucket,
      objectLock: wantsLock(record),
      versioning: wantsLock(record) ? 'enabled' : 'off',
    };
  } else if (!run.settingsOnly && !run.isOurs('buckets', bucket)) {
    if (!record.adopt) {
      return notOurs(bucket);
    }
    if (look === 'settle') {
      await run.change(key, `take bucket ${bucket} over`, async () =>
        run.take('buckets', bucket),
      );
    }
  }
  const differences: string[] = [];
  const kept: string[] = [];
  let lacking: RustfsError | undefined;
  for (const read of settingsOf(record, live, work)) {
    try {
      const setting = await read();
      const isToReport = look === 'compare' || parts.has(setting.name);
      if (setting.differs && (isToReport || setting.keeps)) {
        (setting.keeps ? kept : differences).push(
          setting.keeps ?? setting.name,
        );
      } else if (setting.differs) {
        await run.change(
          key,
          `set the ${setting.name} of bucket ${bucket}`,
          setting.set,
        );
      }
      if (!isToReport) {
        parts.add(setting.name);
      }
    } catch (error) {
      // What may not be done for one setting keeps no other from being set.
      if (!isRustfsError(error, 'denied', 'unsupported')) {
        throw error;
      }
      lacking ??= error;
    }
  }
  const quota = await settleQuota(record, live, work).catch(error => {
    if (!isRustfsError(error, 'denied', 'unsupported')) {
      throw error;
    }
    lacking ??= error;
    return undefined;
  });
  if (quota === 'differs') {
    differences.push('quota');
  }
  const drift = [...differences, ...kept];
  // What is still to be done keeps the record open; what differs is said beside it.
  const open =
    (lacking && verdictOf(lacking)) ??
    (typeof quota === 'object' ? quota : undefined);
  if (!drift.length) {
    return open ?? settled(`Bucket ${bucket} is as the record says`);
  }
  return open
    ? {
        ...open,
        message: `${
          open.message
        }; besides, it is not as the record says: ${drift.join(', ')}`,
      }
    : drifted(`Bucket ${bucket}`, drift);
}

async function makeBucket(
  record: BucketRecord,
  { run, key }: Work,
): Promise<Verdict | undefined> {
  const { bucket } = record;
  const wasClaimed = run.isOurs('buckets', bucket);
  try {
    await run.change(key, `make bucket ${bucket}`, () =>
      run.make('buckets', bucket, () =>
        run.client.createBucket(bucket, { objectLock: wantsLock(record) }),
      ),
    );
    return undefined;
  } catch (error) {
    const isThere =
      isRustfsError(error) &&
      ['BucketAlreadyExists', 'BucketAlreadyOwnedByYou'].includes(
        error.code ?? '',
      );
    if (!isThere) {
      throw error;
    }
    if (wasClaimed) {
      // Another run has made it meanwhile; what is set on it shows in the lists of the next one.
      return {
        result: 'waiting',
        reason: 'ServerFailed',
        message: `Another run has made bucket ${bucket} meanwhile; the next one sets it`,
      };
    }
    return notOurs(bucket);
  }
}

function notOurs(bucket: string): Verdict {
  return {
    result: 'failed',
    reason: 'BucketNotOurs',
    message: `Bucket ${bucket} is on the server already and was not made from this folder: ask for another name, or put adopt: "true" into its record to have it taken over`,
  };
}

/** The settings that a record says something of, in the order in which one needs the other. */
function settingsOf(
  record: BucketRecord,
  live: Partial<AccountBucket>,
  { run }: Work,
): Array<() => Promise<Setting>> {
  const { client } = run;
  const { bucket, lifecycle, tags, encryption, retention } = record;
  const settings: Array<() => Promise<Setting>> = [];
  // In a dry run the bucket may not be there to be asked.
  const isThere = run.lists.buckets.has(bucket) || !run.dryRun;
  const read = async <T>(call: () => Promise<T>) =>
    isThere ? call() : undefined;
  if (record.versioning || wantsLock(record)) {
    settings.push(async () => ({
      name: 'versioning',
      differs:
        (live.versioning ??
          (await read(() => client.getVersioning(bucket)))) !== 'enabled',
      set: () => client.setVersioning(bucket, 'enabled'),
    }));
  }
  if (wantsLock(record)) {
    settings.push(async () => {
      const lock =
        live.objectLock && !retention
          ? {}
          : await read(() => client.getObjectLock(bucket));
      const days = lock?.retention?.days;
      return {
        name: retention ? 'retention' : 'object lock',
        differs:
          !lock ||
          (retention !== undefined &&
            (days !== retention.days ||
              lock.retention?.mode !== retention.mode)),
        set: () => client.setObjectLock(bucket, { retention }),
      };
    });
  }
  if (lifecycle) {
    settings.push(async () => {
      const found = await read(() => client.getLifecycle(bucket));
      return {
        name: 'lifecycle',
        differs:
          Boolean(found?.hasOthers) ||
          !sameRules(found?.rules ?? [], lifecycle),
        // Somebody meant something by them that a record cannot say.
        keeps: found?.hasOthers
          ? 'lifecycle (it has rules that a record cannot say; take them off the bucket, or lifecycle out of the record)'
          : undefined,
        set: () => client.setLifecycle(bucket, lifecycle),
      };
    });
  }
  if (tags) {
    settings.push(async () => {
      const found = (await read(() => client.getTags(bucket))) ?? {};
      return {
        name: 'tags',
        differs: Object.entries(tags).some(
          ([name, value]) => found[name] !== value,
        ),
        // Tags of others stay.
        set: () => client.setTags(bucket, { ...found, ...tags }),
      };
    });
  }
  if (encryption) {
    settings.push(async () => {
      const found = await read(() => client.getEncryption(bucket));
      return {
        name: 'encryption',
        differs: found !== encryption,
        keeps:
          found && found !== encryption
            ? `encryption (it is set to ${found}, which is not taken off)`
            : undefined,
        set: () => client.setEncryption(bucket, encryption),
      };
    });
  }
  return settings;
}

async function settleQuota(
  { bucket, quotaBytes }: BucketRecord,
  live: Partial<AccountBucket>,
  { run, look, key, parts }: Work,
): Promise<Verdict | 'differs' | undefined> {
  if (quotaBytes === undefined) {
    return undefined;
  }
  if (run.lists.identity.product === 'minio') {
    return {
      result: 'waiting',
      reason: 'NotSupported',
      message: `All but the quota of bucket ${bucket} is as the record says: quotas of a MinIO server are not set from here`,
    };
  }
  const isToReport = look === 'compare' || parts.has('quota');
  if (live.quotaBytes === quotaBytes) {
    if (!isToReport) {
      parts.add('quota');
    }
    return undefined;
  }
  if (isToReport) {
    return 'differs';
  }
  const isMeasured =
    run.lists.buckets.has(bucket) && (await run.client.quotaStats(bucket));
  if (!isMeasured) {
    return {
      result: 'waiting',
      reason: 'NotMeasured',
      // Before its first measurement a bucket with a quota refuses every write.
      message: `The server has not measured bucket ${bucket} yet; its quota of ${formatBytes(
        quotaBytes,
      )} is set after that`,
    };
  }
  await run.change(key, `set the quota of bucket ${bucket}`, () =>
    run.client.setQuota(bucket, quotaBytes),
  );
  parts.add('quota');
  return undefined;
}

function sameRules(one: LifecycleRule[], other: LifecycleRule[]): boolean {
  const texts = (rules: LifecycleRule[]) =>
    rules
      .map(rule =>
        JSON.stringify(
          Object.entries({ ...rule, prefix: rule.prefix || undefined })
            .filter(([, value]) => value !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        ),
      )
      .sort()
      .join();
  return texts(one) === texts(other);
}
