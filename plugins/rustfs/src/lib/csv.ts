import { BucketView } from '@rustfs-portal/plugin-rustfs-common';

const COLUMNS: Array<
  [title: string, value: (bucket: BucketView) => string | number | undefined]
> = [
  ['tenant', b => b.tenant],
  ['bucket', b => b.name],
  ['state', b => b.state],
  ['owner', b => b.owner],
  ['entity', b => b.entity],
  ['size_bytes', b => b.live?.sizeBytes],
  ['quota_bytes', b => b.live?.quotaBytes],
  ['objects', b => b.live?.objects],
  ['versioning', b => b.live?.versioning],
  ['object_lock', b => b.live && String(b.live.objectLock)],
  ['as_of', b => b.asOf],
];

/** Writes buckets as CSV with a header line. What is unknown is left empty. */
export function bucketsCsv(buckets: BucketView[]): string {
  const lines = [
    COLUMNS.map(([title]) => title),
    ...buckets.map(bucket =>
      COLUMNS.map(([, value]) => csvField(value(bucket))),
    ),
  ];
  return `${lines.map(fields => fields.join(',')).join('\r\n')}\r\n`;
}

function csvField(value: string | number | undefined): string {
  // A leading = + - @ would run as a formula in a spreadsheet.
  const text = String(value ?? '').replace(/^(?=[=+\-@])/, "'");
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

/** Hands a text to the person as a file. */
export function downloadText(name: string, text: string): void {
  const url = URL.createObjectURL(
    new Blob([text], { type: 'text/csv;charset=utf-8' }),
  );
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
