import { PolicyDocument } from '@rustfs-portal/plugin-rustfs-common';

/** What the portal needs to see the server: it reads no object and writes nothing. */
export const READER_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'admin:DataUsageInfo',
        'admin:GetMetrics',
        'admin:GetPolicy',
        'admin:GetUser',
        'admin:ListServiceAccounts',
        'admin:ListUserPolicies',
        'admin:ListUsers',
        'admin:ServerInfo',
        'admin:StorageInfo',
      ],
    },
    {
      Effect: 'Allow',
      Action: [
        's3:GetBucketEncryption',
        's3:GetBucketLifecycle',
        's3:GetBucketLocation',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketQuota',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:ListAllMyBuckets',
        's3:ListBucket',
        's3:GetBucketCors',
        's3:GetBucketNotification',
        's3:GetBucketPolicy',
        's3:GetBucketPolicyStatus',
        's3:GetBucketPublicAccessBlock',
        's3:GetReplicationConfiguration',
      ],
      Resource: ['arn:aws:s3:::*'],
    },
  ],
};
