/**
 * A statement of a policy. Actions and resources are lists even where there is one: the operator compares a document with
 * what the server gives back, which is always lists.
 *
 * @public
 */
export interface PolicyStatement {
  Effect: 'Allow' | 'Deny';
  Action: string[];
  Resource?: string[];
  Condition?: Record<string, Record<string, string[]>>;
}

/**
 * A policy as RustFS reads it.
 *
 * @public
 */
export interface PolicyDocument {
  Version: '2012-10-17';
  Statement: PolicyStatement[];
}

/**
 * What one access reaches: whole buckets by name, all buckets whose names begin with something, or the objects of one
 * bucket below a prefix.
 *
 * @public
 */
export type AccessScope =
  | { type: 'buckets'; buckets: string[] }
  /** `loki-*`. */
  | { type: 'pattern'; pattern: string }
  /** The prefix ends with a slash: `team-a/`. */
  | { type: 'prefix'; bucket: string; prefix: string };

/**
 * What an access may do, by the modes that everybody knows.
 *
 * @public
 */
export const ACCESS_MODES = ['read', 'write', 'read-write'] as const;

/**
 * The actions of a mode, split by what they are about.
 *
 * @public
 */
export interface AccessActions {
  /** On the bucket itself. */
  bucket: string[];
  /** On its objects. */
  object: string[];
}

/** Actions that are about the names of objects, so a prefix limits them. */
const LISTING = new Set([
  's3:ListBucket',
  's3:ListBucketVersions',
  's3:ListBucketMultipartUploads',
]);

/*
 * The least that each mode needs of RustFS 1.0.1. `s3:GetObjectVersion` allows to read objects too, so only a mode that
 * reads has it; uploads in parts need no right of their own, ending and listing them does.
 */
const READ: AccessActions = {
  bucket: ['s3:GetBucketLocation', 's3:GetBucketVersioning', 's3:ListBucket'],
  object: ['s3:GetObject', 's3:GetObjectTagging'],
};

const WRITE: AccessActions = {
  bucket: [
    's3:GetBucketLocation',
    's3:GetBucketVersioning',
    's3:ListBucketMultipartUploads',
  ],
  object: [
    's3:AbortMultipartUpload',
    's3:DeleteObject',
    's3:ListMultipartUploadParts',
    's3:PutObject',
    's3:PutObjectTagging',
  ],
};

/**
 * The actions of each mode.
 *
 * @public
 */
export const MODE_ACTIONS: Record<
  (typeof ACCESS_MODES)[number],
  AccessActions
> = {
  read: READ,
  write: WRITE,
  'read-write': {
    bucket: union(READ.bucket, WRITE.bucket),
    object: union(READ.object, WRITE.object),
  },
};

/**
 * Names of actions that AWS documents and RustFS does not know, with the name that it has instead, if it has one. One of
 * them makes the server refuse a whole policy.
 *
 * @public
 */
export const FOREIGN_ACTIONS: Readonly<Record<string, string | undefined>> = {
  's3:GetLifecycleConfiguration': 's3:GetBucketLifecycle',
  's3:PutLifecycleConfiguration': 's3:PutBucketLifecycle',
  's3:GetEncryptionConfiguration': 's3:GetBucketEncryption',
  's3:PutEncryptionConfiguration': 's3:PutBucketEncryption',
  's3:GetBucketCORS': 's3:GetBucketCors',
  's3:PutBucketCORS': 's3:PutBucketCors',
  's3:SetBucketQuota': 'admin:SetBucketQuota',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:UploadPart': 's3:PutObject',
};

/**
 * The policy that allows some actions on what an access reaches, and nothing else.
 *
 * @public
 */
export function buildAccessPolicy(
  scope: AccessScope,
  actions: AccessActions,
): PolicyDocument {
  const names = scopeNames(scope);
  const buckets = names.map(name => `arn:aws:s3:::${name}`);
  const objects = names.map(
    name =>
      `arn:aws:s3:::${name}/${scope.type === 'prefix' ? scope.prefix : ''}*`,
  );
  const statements: PolicyStatement[] = [];
  const allow = (
    Action: string[],
    Resource: string[],
    Condition?: PolicyStatement['Condition'],
  ) => {
    if (Action.length) {
      statements.push({
        Effect: 'Allow',
        Action: [...Action].sort(),
        Resource,
        ...(Condition && { Condition }),
      });
    }
  };
  if (scope.type === 'prefix') {
    const { prefix } = scope;
    allow(
      actions.bucket.filter(action => !LISTING.has(action)),
      buckets,
    );
    allow(
      actions.bucket.filter(action => LISTING.has(action)),
      buckets,
      { StringLike: { 's3:prefix': [prefix, `${prefix}*`] } },
    );
  } else {
    allow(actions.bucket, buckets);
  }
  allow(actions.object, objects);
  return { Version: '2012-10-17', Statement: statements };
}

/**
 * The policy of a user whose access has ended: it denies everything. Actions of the admin interface and of tokens have no
 * resource.
 *
 * @public
 */
export function buildDenyingPolicy(): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] },
      { Effect: 'Deny', Action: ['admin:*'] },
      { Effect: 'Deny', Action: ['sts:*'] },
      { Effect: 'Deny', Action: ['kms:*'] },
    ],
  };
}

/**
 * Writes a policy for a file: the same for the same policy.
 *
 * @public
 */
export function stringifyPolicy(policy: PolicyDocument): string {
  return JSON.stringify(policy, undefined, 2);
}

/**
 * The bucket names, or the one pattern of names, that an access reaches.
 *
 * @public
 */
export function scopeNames(scope: AccessScope): string[] {
  switch (scope.type) {
    case 'buckets':
      return scope.buckets;
    case 'pattern':
      return [scope.pattern];
    default:
      return [scope.bucket];
  }
}

/**
 * Whether an access reaches a bucket, or objects in it.
 *
 * @public
 */
export function scopeCovers(scope: AccessScope, bucket: string): boolean {
  return scope.type === 'pattern'
    ? bucket.startsWith(scope.pattern.slice(0, -1))
    : scopeNames(scope).includes(bucket);
}

/**
 * Whether two accesses can reach the same bucket.
 *
 * @public
 */
export function scopesOverlap(a: AccessScope, b: AccessScope): boolean {
  if (a.type === 'pattern' && b.type === 'pattern') {
    const [one, two] = [a, b].map(({ pattern }) => pattern.slice(0, -1));
    return one.startsWith(two) || two.startsWith(one);
  }
  return a.type === 'pattern'
    ? scopeNames(b).some(name => scopeCovers(a, name))
    : scopeNames(a).some(name => scopeCovers(b, name));
}

function union(a: string[], b: string[]): string[] {
  return [...new Set([...a, ...b])].sort();
}
