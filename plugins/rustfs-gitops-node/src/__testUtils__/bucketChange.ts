import { StorageChange } from '../types';

/** A new bucket, as the portal asks for one. */
export interface BucketFields
  extends Omit<StorageChange, 'words' | 'edits' | 'declare' | 'sealed'> {
  bucket: string;
  purpose: string;
  dataClass: string;
  quota?: string;
  versioning: boolean;
  objectLock: boolean;
}

/** The change that adds a bucket, with words like those of the portal. */
export function toBucketChange(fields: BucketFields): StorageChange {
  const { bucket, purpose, dataClass, quota, versioning, objectLock, ...rest } =
    fields;
  return {
    ...rest,
    edits: 'new',
    declare: () => [
      {
        type: 'bucket',
        name: bucket,
        owner: fields.owner,
        entity: fields.entityRef,
        purpose,
        dataClass,
        quota,
        versioning: versioning || objectLock,
        objectLock,
      },
    ],
    words: {
      title: `Add bucket ${bucket} to atlas/storage/apps`,
      summary: `Adds bucket \`${bucket}\` to tenant \`atlas/storage/apps\`.`,
      facts: [
        ['Purpose', purpose],
        ['Quota', quota ?? 'none'],
        ['Data class', dataClass],
      ],
      notes: [],
      ready: 'There',
    },
  };
}
