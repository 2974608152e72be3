import { PolicyDocument } from './policyDocument';

/**
 * The policy of the user as which the setup program settles. Who has it can give every right to himself, as the
 * server knows no limit to the policies that somebody may attach: its key is to be kept like that of the root user.
 *
 * @public
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
        'admin:ListUserPolicies',
        'admin:ListUsers',
        'admin:SetBucketQuota',
      ],
    },
    {
      Effect: 'Allow',
      Action: [
        's3:CreateBucket',
        's3:GetBucketEncryption',
        's3:GetBucketLifecycle',
        's3:GetBucketLocation',
        's3:GetBucketObjectLockConfiguration',
        's3:GetBucketQuota',
        's3:GetBucketTagging',
        's3:GetBucketVersioning',
        's3:ListAllMyBuckets',
        's3:ListBucket',
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
