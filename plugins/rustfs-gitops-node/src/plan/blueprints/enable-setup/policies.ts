import { PolicyDocument } from '@rustfs-portal/plugin-rustfs-common';

const ALL = ['arn:aws:s3:::*'];

const READS = [
  's3:GetBucketEncryption',
  's3:GetBucketLifecycle',
  's3:GetBucketLocation',
  's3:GetBucketObjectLockConfiguration',
  's3:GetBucketQuota',
  's3:GetBucketTagging',
  's3:GetBucketVersioning',
  's3:ListAllMyBuckets',
  's3:ListBucket',
];

/**
 * What the setup program needs on a server. It is no boundary: whoever may attach policies may attach any of them, to himself
 * too.
 */
export const PROVISIONER_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'admin:AttachUserOrGroupPolicy',
        'admin:CreatePolicy',
        'admin:CreateUser',
        'admin:EnableUser',
        'admin:GetPolicy',
        'admin:GetUser',
        'admin:ListUserPolicies',
        'admin:ListUsers',
        'admin:SetBucketQuota',
      ],
    },
    {
      Effect: 'Allow',
      Action: [
        ...READS,
        's3:CreateBucket',
        's3:PutBucketEncryption',
        's3:PutBucketLifecycle',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketTagging',
        's3:PutBucketVersioning',
      ],
      Resource: ALL,
    },
  ],
};

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
        ...READS,
        's3:GetBucketCors',
        's3:GetBucketNotification',
        's3:GetBucketPolicy',
        's3:GetBucketPolicyStatus',
        's3:GetBucketPublicAccessBlock',
        's3:GetReplicationConfiguration',
      ],
      Resource: ALL,
    },
  ],
};
