import { useApi } from '@backstage/frontend-plugin-api';
import {
  checkBucketName,
  NameCheck,
} from '@rustfs-portal/plugin-rustfs-common';
import { rustfsApiRef } from '../api';
import { useDebounced } from './useDebounced';
import { useLoaded } from './useLoaded';

const TYPING_MS = 300;

/** What is known of a bucket name while it is typed. */
export type NameVerdict =
  | { status: 'none' }
  | { status: 'checking' }
  | { status: 'checked'; check: NameCheck }
  | { status: 'unchecked'; error: Error };

/** Checks a bucket name: the rules at once, buckets, requests and guardrails when typing pauses. */
export function useNameCheck(query: {
  entityRef?: string;
  tenant?: string;
  bucket?: string;
}): NameVerdict {
  const { entityRef, tenant, bucket } = query;
  const rustfsApi = useApi(rustfsApiRef);
  const typed = useDebounced(bucket, TYPING_MS);
  const question =
    entityRef && tenant && typed && !checkBucketName(typed).length
      ? { entityRef, tenant, bucket: typed }
      : undefined;
  const answer = useLoaded(question && JSON.stringify(question), signal =>
    rustfsApi.checkBucketName(question!, { signal }),
  );

  if (!bucket) {
    return { status: 'none' };
  }
  const issues = checkBucketName(bucket);
  if (issues.length) {
    return { status: 'checked', check: { ok: false, issues, problems: [] } };
  }
  if (!entityRef || !tenant) {
    return { status: 'none' };
  }
  if (typed !== bucket || answer.isPending) {
    return { status: 'checking' };
  }
  if (answer.value) {
    return { status: 'checked', check: answer.value };
  }
  return answer.error
    ? { status: 'unchecked', error: answer.error }
    : { status: 'checking' };
}
