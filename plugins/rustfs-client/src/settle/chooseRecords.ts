import { SettledItem, setupItemKey } from '@rustfs-portal/plugin-rustfs-common';
import { KeySecret, VersionedRecord } from './types';

/**
 * How a record is looked at. `settle`: the server is made as it says; `compare`: what differs is reported.
 */
export type Look = 'settle' | 'compare';

/** Records that have not changed and are looked at all the same, in one run. */
export const OTHERS_PER_RUN = 50;

/**
 * Chooses the records that a run looks at: those that have changed, and some of the others in turn. Whose turn it is follows
 * from when each was looked at last.
 *
 * @param options - `differs`: whether the lists of the server show that a record is not met; `newcomers`: how a record
 *   is looked at of which nothing was said before; `asked`: keys of those that are settled, and no other is looked at
 */
export function chooseRecords(options: {
  records: VersionedRecord[];
  secrets: Map<string, KeySecret>;
  before: Record<string, SettledItem>;
  differs: (record: VersionedRecord) => boolean;
  newcomers: Look;
  asked?: ReadonlySet<string>;
}): Map<VersionedRecord, Look> {
  const { records, secrets, before, differs, newcomers, asked } = options;
  if (asked) {
    const isAsked = (record: VersionedRecord) => asked.has(keyOf(record));
    return new Map(records.filter(isAsked).map(record => [record, 'settle']));
  }
  const chosen = new Map<VersionedRecord, Look>();
  const open: VersionedRecord[] = [];
  const settled: VersionedRecord[] = [];
  for (const record of records) {
    const item = before[keyOf(record)];
    if (!item) {
      chosen.set(record, mends(record) ? 'settle' : newcomers);
    } else if (isUnknown(record, item, secrets)) {
      chosen.set(record, 'settle');
    } else if (item.result === 'waiting' || item.result === 'failed') {
      open.push(record);
    } else {
      settled.push(record);
    }
  }
  const checkedAt = (record: VersionedRecord) =>
    before[keyOf(record)].checkedAt;
  const byTurn = (a: VersionedRecord, b: VersionedRecord) =>
    checkedAt(a) < checkedAt(b) ? -1 : 1;
  const isToMend = (record: VersionedRecord) =>
    mends(record) && differs(record);
  open.sort(byTurn);
  settled.sort(
    (a, b) => Number(isToMend(b)) - Number(isToMend(a)) || byTurn(a, b),
  );
  const lookAt = (record: VersionedRecord): Look =>
    mends(record) || !isReportOnly(before[keyOf(record)])
      ? 'settle'
      : 'compare';
  // Neither keeps the other from its turn.
  const half = OTHERS_PER_RUN / 2;
  const ofOpen = Math.max(half, OTHERS_PER_RUN - settled.length);
  for (const record of open.slice(0, ofOpen)) {
    chosen.set(record, lookAt(record));
  }
  const ofSettled = OTHERS_PER_RUN - Math.min(ofOpen, open.length);
  for (const record of settled.slice(0, ofSettled)) {
    chosen.set(record, lookAt(record));
  }
  return chosen;
}

export function keyOf(record: VersionedRecord): string {
  return setupItemKey(record.type, record.name);
}

/** Whether nothing was said of this version of the record. */
export function isUnknown(
  record: VersionedRecord,
  item: SettledItem | undefined,
  secrets: Map<string, KeySecret>,
): boolean {
  return !item || hasChanged(record, item, secrets);
}

/** Whether what differs is to be reported: only what has not been settled to the end yet is set unasked. */
export function isReportOnly(item: SettledItem): boolean {
  return (
    item.reportOnly === true ||
    item.result === 'done' ||
    item.result === 'drift'
  );
}

export function mends(record: VersionedRecord) {
  return 'record' in record && record.record.drift === 'mend';
}

function hasChanged(
  record: VersionedRecord,
  item: SettledItem,
  secrets: Map<string, KeySecret>,
) {
  const secret =
    record.type === 'access' ? secrets.get(record.name) : undefined;
  return (
    record.uid !== item.uid ||
    record.resourceVersion !== item.resourceVersion ||
    secret?.resourceVersion !== item.secretVersion
  );
}
