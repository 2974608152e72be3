import { BucketRequest } from '@rustfs-portal/plugin-rustfs-common';

/** The settings of a new bucket, for the words of a pull request. */
export function describeBucket(
  bucket: Pick<
    BucketRequest,
    'quota' | 'versioning' | 'objectLock' | 'dataClass'
  >,
): Array<[string, string]> {
  return [
    ['Quota', bucket.quota ?? 'none'],
    ['Versioning', bucket.versioning || bucket.objectLock ? 'on' : 'off'],
    [
      'Object lock',
      bucket.objectLock ? 'on, for the life of the bucket' : 'off',
    ],
    ['Data class', bucket.dataClass],
  ];
}
