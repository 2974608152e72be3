import type { PolicyDocument, PolicyStatement } from './policyDocument';

const ASSUME_ROLE: PolicyStatement = {
  Effect: 'Allow',
  Action: ['sts:AssumeRole'],
};

function builtin(...statements: PolicyStatement[]): PolicyDocument {
  return { Version: '2012-10-17', Statement: [...statements, ASSUME_ROLE] };
}

function onAllBuckets(...actions: string[]): PolicyStatement {
  return { Effect: 'Allow', Action: actions, Resource: ['arn:aws:s3:::*'] };
}

function onAllKeys(...actions: string[]): PolicyStatement {
  return { Effect: 'Allow', Action: actions, Resource: ['arn:aws:kms:::*'] };
}

/** The eight policies every server starts with; they can be overwritten but not removed. */
export const BUILTIN_POLICIES: Readonly<Record<string, PolicyDocument>> = {
  readwrite: builtin(onAllBuckets('s3:*')),
  readonly: builtin(
    onAllBuckets('s3:GetBucketLocation', 's3:GetObject', 's3:GetBucketQuota'),
  ),
  writeonly: builtin(onAllBuckets('s3:PutObject')),
  diagnostics: builtin(
    onAllBuckets(
      'admin:Profiling',
      'admin:ServerTrace',
      'admin:ConsoleLog',
      'admin:ServerInfo',
      'admin:TopLocksInfo',
      'admin:OBDInfo',
      'admin:Prometheus',
      'admin:BandwidthMonitor',
    ),
  ),
  consoleAdmin: builtin(
    { Effect: 'Allow', Action: ['admin:*'] },
    { Effect: 'Allow', Action: ['kms:*'] },
    onAllBuckets('s3:*'),
  ),
  KMSKeyAdministrator: builtin(
    onAllKeys(
      'kms:DescribeKey',
      'kms:ListKeys',
      'kms:EnableKey',
      'kms:DisableKey',
      'kms:RotateKey',
      'kms:DeleteKey',
    ),
  ),
  KMSKeyUser: builtin(
    onAllKeys('kms:GenerateDataKey', 'kms:Decrypt', 'kms:DescribeKey'),
  ),
  KMSAuditor: builtin(onAllKeys('kms:DescribeKey', 'kms:ListKeys')),
};
