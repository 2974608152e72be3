/*
 * The actions RustFS 1.0.1 knows. A policy that names another one is refused, so a spelling mistake (or an AWS name
 * that RustFS spells differently) is found when the policy is written, not when access fails.
 */

const S3_ACTIONS =
  `AbortMultipartUpload CreateBucket DeleteBucket ForceDeleteBucket ForceDeleteObject DeleteBucketPolicy
  DeleteBucketPublicAccessBlock DeleteBucketCors DeleteObject GetBucketLocation GetBucketNotification GetBucketPolicy
  GetBucketPublicAccessBlock GetBucketCors GetBucketAcl PutBucketAcl GetObject GetObjectAcl GetObjectAttributes
  HeadBucket ListAllMyBuckets ListBucket GetBucketPolicyStatus ListBucketVersions ListBucketMultipartUploads
  ListenNotification ListenBucketNotification ListMultipartUploadParts PutBucketLifecycle GetBucketLifecycle
  PutBucketLogging GetBucketLogging PutBucketNotification PutBucketPolicy PutBucketPublicAccessBlock PutBucketCors
  PutObject PutObjectAcl DeleteObjectVersion DeleteObjectVersionTagging GetObjectVersion GetObjectVersionAttributes
  GetObjectVersionTagging PutObjectVersionTagging BypassGovernanceRetention PutObjectRetention GetObjectRetention
  GetObjectLegalHold PutObjectLegalHold GetBucketObjectLockConfiguration PutBucketObjectLockConfiguration
  GetBucketTagging PutBucketTagging GetObjectTagging PutObjectTagging DeleteObjectTagging PutBucketEncryption
  GetBucketEncryption PutBucketVersioning GetBucketVersioning GetReplicationConfiguration
  PutReplicationConfiguration ReplicateObject ReplicateDelete ReplicateTags GetObjectVersionForReplication
  RestoreObject ResetBucketReplicationState PutObjectFanOut GetBucketQuota`
    .split(/\s+/)
    .map(name => `s3:${name}`);

const ADMIN_ACTIONS =
  `ServerInfo StorageInfo DataUsageInfo GetMetrics ListUsers GetUser CreateUser EnableUser DisableUser DeleteUser
  ListServiceAccounts CreateServiceAccount UpdateServiceAccount RemoveServiceAccount ListTemporaryAccounts ListGroups
  GetGroup AddUserToGroup RemoveUserFromGroup EnableGroup DisableGroup ListUserPolicies GetPolicy CreatePolicy
  DeletePolicy AttachUserOrGroupPolicy UpdatePolicyAssociation SetBucketQuota GetBucketTarget SetBucketTarget
  GetBucketOnDemandMigration SetBucketOnDemandMigration GetReplicationMetrics ListTier SetTier Heal Rebalance
  Decommission ExportBucketMetadata ImportBucketMetadata ExportIAM ImportIAM ConfigUpdate SiteReplicationInfo
  SiteReplicationAdd SiteReplicationRemove SiteReplicationOperation SiteReplicationDisable Profiling ServerTrace
  ConsoleLog TopLocksInfo OBDInfo Prometheus BandwidthMonitor ServerUpdate ServiceRestart ServiceStop ServiceFreeze
  KMSKeyStatus KMSCreateKey InspectData`
    .split(/\s+/)
    .map(name => `admin:${name}`);

const KMS_ACTIONS =
  `Configure ServiceControl ClearCache GenerateDataKey DeleteKey EnableKey DisableKey RotateKey UpdateKeyDescription
  TagResource UntagResource ListKeys DescribeKey Decrypt Backup Restore Rekey`
    .split(/\s+/)
    .map(name => `kms:${name}`);

const STS_ACTIONS = ['sts:AssumeRole', 'sts:AssumeRoleWithWebIdentity'];

const KNOWN = new Set([
  ...S3_ACTIONS,
  ...ADMIN_ACTIONS,
  ...KMS_ACTIONS,
  ...STS_ACTIONS,
  's3:*',
  'admin:*',
  'kms:*',
  'sts:*',
  '*',
]);

/** Actions that must be named: neither a wildcard nor `NotAction` allows them. */
const NEVER_BY_WILDCARD = new Set([
  's3:ForceDeleteBucket',
  's3:ForceDeleteObject',
]);

export type ActionFamily = 's3' | 'admin' | 'kms' | 'sts';

export function isKnownAction(action: string): boolean {
  return KNOWN.has(action);
}

export function familyOf(action: string): ActionFamily {
  return action === '*'
    ? 's3'
    : (action.slice(0, action.indexOf(':')) as ActionFamily);
}

export function matchesAction(
  patterns: string[],
  action: string,
  effect: 'Allow' | 'Deny',
): boolean {
  return patterns.some(pattern => {
    if (pattern === action) {
      return true;
    }
    if (effect === 'Allow' && NEVER_BY_WILDCARD.has(action)) {
      return false;
    }
    return pattern === '*'
      ? action.startsWith('s3:')
      : pattern.endsWith(':*') && action.startsWith(pattern.slice(0, -1));
  });
}

export function isNeverGrantedByExclusion(action: string): boolean {
  return NEVER_BY_WILDCARD.has(action);
}
