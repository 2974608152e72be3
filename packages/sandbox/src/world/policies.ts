import { ServiceUserDefinition } from './definition';

/** A policy document, with lists everywhere: the server answers with lists, and the operator compares. */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: Array<{ Effect: 'Allow'; Action: string[]; Resource?: string[] }>;
}

/**
 * What the portal may do on a tenant's server: read what it shows, and set the quota and the versioning that bucket
 * records declare. It can read no object.
 */
export const portalPolicy: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: ['admin:ServerInfo', 'admin:SetBucketQuota'],
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
