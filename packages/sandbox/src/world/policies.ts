import { AccessDefinition, ServiceUserDefinition } from './definition';

/**
 * A policy document, with lists everywhere: the server answers with lists, and the operator compares.
 *
 * @public
 */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: Array<{
    Effect: 'Allow' | 'Deny';
    Action: string[];
    Resource?: string[];
  }>;
}

/*
 * The first three are what the portal asks for in its documentation and its forms. The sandbox imports nothing of the portal,
 * whose tests see that they are the same.
 */

/**
 * What the portal may do on a tenant's server: read what it shows, and set the quota and the versioning that bucket
 * records declare. It can read no object.
 *
 * @public
 */
export const portalPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['admin:ListUsers', 'admin:ServerInfo', 'admin:SetBucketQuota'],
    },
    {
      Effect: 'Allow',
      Action: [
        's3:ListAllMyBuckets',
        's3:ListBucket',
        's3:GetBucketLocation',
        's3:GetBucketVersioning',
        's3:PutBucketVersioning',
        's3:GetBucketQuota',
      ],
      Resource: ['arn:aws:s3:::*'],
    },
  ],
};

const BUCKET_READS = [
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
 * What the portal asks for where the setup program does what records declare: it changes nothing.
 *
 * @public
 */
export const readerPolicy: PolicyDocument = {
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
        ...BUCKET_READS,
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

/**
 * What the portal asks for the setup program. Who has it is an administrator in effect.
 *
 * @public
 */
export const provisionerPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: [
        'admin:AttachUserOrGroupPolicy',
        'admin:CreatePolicy',
        'admin:CreateUser',
        'admin:EnableUser',
        'admin:ListUserPolicies',
        'admin:ListUsers',
        'admin:SetBucketQuota',
      ],
    },
    {
      Effect: 'Allow',
      Action: [
        ...BUCKET_READS,
        's3:CreateBucket',
        's3:PutBucketEncryption',
        's3:PutBucketLifecycle',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketTagging',
        's3:PutBucketVersioning',
      ],
      Resource: ['arn:aws:s3:::*'],
    },
  ],
};

/** Reading and writing of a user's buckets. */
export function readWritePolicy(user: ServiceUserDefinition): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: ['s3:GetBucketLocation', 's3:ListBucket'],
        Resource: user.buckets.map(bucket => `arn:aws:s3:::${bucket}`),
      },
      {
        Effect: 'Allow',
        Action: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
        Resource: user.buckets.map(bucket => `arn:aws:s3:::${bucket}/*`),
      },
    ],
  };
}

/** The actions of each mode, as the portal grants them. */
const ACCESS_ACTIONS: Record<
  AccessDefinition['mode'],
  { bucket: string[]; object: string[] }
> = {
  read: {
    bucket: ['s3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
    object: ['s3:GetObject', 's3:GetObjectTagging'],
  },
  'read-write': {
    bucket: [
      's3:GetBucketLocation',
      's3:GetBucketVersioning',
      's3:ListBucket',
      's3:ListBucketMultipartUploads',
    ],
    object: [
      's3:AbortMultipartUpload',
      's3:DeleteObject',
      's3:GetObject',
      's3:GetObjectTagging',
      's3:ListMultipartUploadParts',
      's3:PutObject',
      's3:PutObjectTagging',
    ],
  },
};

/** What an access allows. */
export function accessPolicy({
  buckets,
  mode,
}: AccessDefinition): PolicyDocument {
  const { bucket, object } = ACCESS_ACTIONS[mode];
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: bucket,
        Resource: buckets.map(name => `arn:aws:s3:::${name}`),
      },
      {
        Effect: 'Allow',
        Action: object,
        Resource: buckets.map(name => `arn:aws:s3:::${name}/*`),
      },
    ],
  };
}

/** What users have whose access has ended. */
export const denyingPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] },
    { Effect: 'Deny', Action: ['admin:*'] },
    { Effect: 'Deny', Action: ['sts:*'] },
    { Effect: 'Deny', Action: ['kms:*'] },
  ],
};

/** Lets anyone list a bucket and read its objects. RustFS calls a bucket public only when it can be listed. */
export function publicReadPolicy(bucket: string): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { AWS: ['*'] },
        Action: ['s3:GetObject'],
        Resource: [`arn:aws:s3:::${bucket}/*`],
      },
      {
        Effect: 'Allow',
        Principal: { AWS: ['*'] },
        Action: ['s3:ListBucket'],
        Resource: [`arn:aws:s3:::${bucket}`],
      },
    ],
  };
}
