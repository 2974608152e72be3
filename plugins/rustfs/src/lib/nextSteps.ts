import {
  AccessView,
  BucketView,
  parseTenantRef,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';

/** Reasons of the RustFS operator for one item of a Tenant that it could not make; the Tenant takes over the first. */
const ITEM_REASONS = [
  'BucketCreateFailed',
  'BucketObjectLockConflict',
  'ImmutableFieldModified',
  'PolicyApplyFailed',
  'PolicyConflict',
  'PolicyDocumentConfigMapNotFound',
  'PolicyDocumentKeyNotFound',
  'UserOwnershipConflict',
  'UserPolicyNotFound',
  'UserPolicySetFailed',
  'UserSecretInvalid',
];

/**
 * Whether a tenant is blocked only because the operator could not make something that was asked for: what was there
 * before works on.
 */
export function isBlockedByOneItem(
  tenant: Pick<TenantView, 'state' | 'reason'>,
): boolean {
  return (
    tenant.state === 'blocked' && ITEM_REASONS.includes(tenant.reason ?? '')
  );
}

/** What the reader can do about the state of a bucket: a message below `nextStep`, and a command where one is needed. */
export interface NextStep {
  words:
    | 'bucketFailed'
    | 'bucketLockConflict'
    | 'bucketMissing'
    | 'bucketNotListed'
    | 'bucketUndeclared'
    | 'bucketPending'
    | 'bucketNotMeasured'
    | 'bucketDrifted'
    | 'accessFailed'
    | 'accessMissing'
    | 'accessPending'
    | 'accessDisabled'
    | 'accessNotEnded'
    | 'accessNotListed'
    | 'accessDrifted'
    | 'policyNotOurs'
    | 'serverAway'
    | 'clusterAway'
    | 'noAccess'
    | 'setupFailed'
    | 'tenantAway'
    | 'tenantDrives'
    | 'tenantItem'
    | 'tenantBlocked'
    | 'tenantWorking'
    | 'tenantWorkload'
    | 'tenantNotFound';
  command?: string;
}

/** Why the setup program, or the portal where that sets buckets, has not brought something about; it tries again by itself. */
const SETUP_REASONS = new Set([
  'BadRecord',
  'BucketNotOurs',
  'Denied',
  'NotSupported',
  'PolicyRefused',
  'ProgramFailed',
  'SecretMissing',
  'ServerFailed',
  'UserNotOurs',
]);

/** The next step where it cannot be told how something is. */
function nextStepForUnread(reason: string | undefined): NextStep | undefined {
  switch (reason) {
    case 'ServerUnreachable':
      return { words: 'serverAway' };
    case 'NoAccess':
      return { words: 'noAccess' };
    case 'ClusterUnknown':
      return { words: 'clusterAway' };
    default:
      return undefined;
  }
}

/** The next step for a bucket that is not as it should be. */
export function nextStepForBucket(bucket: BucketView): NextStep | undefined {
  const unread = nextStepForUnread(bucket.reason);
  if (unread) {
    return unread;
  }
  switch (bucket.reason) {
    case 'TenantEntryAbsent':
    case 'RecordAbsent':
      return { words: 'bucketNotListed' };
    case 'BucketObjectLockConflict':
      return { words: 'bucketLockConflict' };
    case 'NotMeasured':
      return { words: 'bucketNotMeasured' };
    case 'Drift':
      return { words: 'bucketDrifted' };
    default:
  }
  if (SETUP_REASONS.has(bucket.reason ?? '')) {
    return { words: 'setupFailed' };
  }
  switch (bucket.state) {
    case 'failed':
      return { words: 'bucketFailed', command: tryAgain(bucket.tenant) };
    case 'missing':
      return { words: 'bucketMissing' };
    case 'undeclared':
      return { words: 'bucketUndeclared' };
    case 'pending':
      return { words: 'bucketPending' };
    default:
      return undefined;
  }
}

/** The next step for an access that is not as it should be. */
export function nextStepForAccess(access: AccessView): NextStep | undefined {
  const unread = nextStepForUnread(access.reason);
  if (unread) {
    return unread;
  }
  switch (access.reason) {
    case 'TenantEntryAbsent':
    case 'RecordAbsent':
      return { words: 'accessNotListed' };
    case 'UserDisabled':
      return { words: 'accessDisabled' };
    case 'NotEnded':
      return { words: 'accessNotEnded' };
    case 'PolicyNotOurs':
      return { words: 'policyNotOurs' };
    case 'Drift':
      return { words: 'accessDrifted' };
    default:
  }
  if (SETUP_REASONS.has(access.reason ?? '')) {
    return { words: 'setupFailed' };
  }
  switch (access.state) {
    case 'failed':
      return { words: 'accessFailed', command: tryAgain(access.tenant) };
    case 'missing':
      return { words: 'accessMissing', command: tryAgain(access.tenant) };
    case 'pending':
      return { words: 'accessPending' };
    default:
      return undefined;
  }
}

/** The next step for a tenant that is not as it should be. */
export function nextStepForTenant(tenant: TenantView): NextStep | undefined {
  if (isBlockedByOneItem(tenant)) {
    return { words: 'tenantItem', command: tryAgain(tenant.ref) };
  }
  switch (tenant.state) {
    case 'unreachable':
      return { words: 'tenantAway' };
    case 'degraded':
      return {
        words:
          tenant.reason === 'DrivesOffline' || isOfOperator(tenant)
            ? 'tenantDrives'
            : 'tenantWorkload',
      };
    case 'blocked':
      return {
        words: isOfOperator(tenant) ? 'tenantBlocked' : 'tenantWorkload',
      };
    case 'reconciling':
      return {
        words: isOfOperator(tenant) ? 'tenantWorking' : 'tenantWorkload',
      };
    case 'unknown':
      return {
        words:
          tenant.reason === 'TenantNotFound' ? 'tenantNotFound' : 'clusterAway',
      };
    default:
      return undefined;
  }
}

/** Has the operator look at a Tenant again: any change of it does, and an annotation changes nothing else. */
/** A workload without an operator has another name for its kind. */
function isOfOperator({ workload }: TenantView): boolean {
  return !workload || workload.kind.endsWith('Tenant');
}

function tryAgain(tenantRef: string): string {
  const { cluster, namespace, name } = parseTenantRef(tenantRef);
  return [
    `# in cluster ${cluster}`,
    `kubectl annotate tenant ${name} --namespace ${namespace} \\`,
    `  --overwrite rustfs-portal/try-again="$(date +%s)"`,
  ].join('\n');
}
