import {
  ApiError,
  apiError,
  internalError,
  invalidArgument,
} from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import {
  elementsOf,
  parseXml,
  renderXml,
  S3_NAMESPACE,
  sortElements,
  textOf,
  type XmlElement,
} from '../http/xml';
import type { Bucket } from '../storage/BucketStore';
import type { S3Call } from './S3Call';

/** A configuration of a bucket that is written, read back and removed as a whole. */
interface ConfigurationKind {
  /** Root element of its document. */
  root: string;
  /** Some documents come back without the S3 namespace. */
  namespaced: boolean;
  readAction: string;
  /** Action of PUT; without one, PUT does not exist. */
  writeAction?: string;
  /** Action of DELETE; without one, DELETE does not exist. */
  removeAction?: string;
  /** Answer while it is not set; without one, an empty document. */
  absent?: () => ApiError;
  /** Refuses what the server does not store. */
  check?: (document: XmlElement, bucket: Bucket) => void;
}

function invalidBucketState(message: string): ApiError {
  return new ApiError('InvalidBucketState', 409, message);
}

function malformedUnless(condition: boolean): void {
  if (!condition) {
    throw apiError('MalformedXML');
  }
}

const LIFECYCLE_ACTIONS = [
  'Expiration',
  'NoncurrentVersionExpiration',
  'Transition',
  'NoncurrentVersionTransition',
  'AbortIncompleteMultipartUpload',
  'DelMarkerExpiration',
];

function checkLifecycle(document: XmlElement): void {
  const rules = elementsOf(document, 'Rule');
  malformedUnless(rules.length > 0);
  for (const rule of rules) {
    malformedUnless(
      ['Enabled', 'Disabled'].includes(textOf(rule, 'Status') ?? ''),
    );
    if (!LIFECYCLE_ACTIONS.some(action => rule[action] !== undefined)) {
      throw invalidArgument(
        'Rule must have at least one of Expiration, Transition, NoncurrentVersionExpiration, NoncurrentVersionTransition, or DelMarkerExpiration',
      );
    }
    // No tier can be added here, so no transition has anywhere to go.
    if (
      rule.Transition !== undefined ||
      rule.NoncurrentVersionTransition !== undefined
    ) {
      throw invalidArgument('invalid tier.');
    }
  }
}

function checkCors(document: XmlElement): void {
  const rules = elementsOf(document, 'CORSRule');
  malformedUnless(rules.length > 0);
  rules.forEach(rule =>
    malformedUnless(
      rule.AllowedOrigin !== undefined && rule.AllowedMethod !== undefined,
    ),
  );
}

function checkTagging(document: XmlElement): void {
  const [tagSet] = elementsOf(document, 'TagSet');
  malformedUnless(tagSet !== undefined);
  elementsOf(tagSet, 'Tag').forEach(tag =>
    malformedUnless(textOf(tag, 'Key') !== undefined),
  );
}

function checkEncryption(document: XmlElement): void {
  const rules = elementsOf(document, 'Rule');
  malformedUnless(rules.length > 0);
  for (const rule of rules) {
    const [byDefault] = elementsOf(rule, 'ApplyServerSideEncryptionByDefault');
    const algorithm = byDefault && textOf(byDefault, 'SSEAlgorithm');
    if (algorithm !== 'AES256' && algorithm !== 'aws:kms') {
      throw apiError(
        'MalformedXML',
        `SSEAlgorithm ${algorithm} is not supported; expected AES256 or aws:kms`,
      );
    }
    if (algorithm === 'aws:kms') {
      throw internalError('KMS service not initialized');
    }
  }
}

function checkObjectLock(document: XmlElement, bucket: Bucket): void {
  malformedUnless(textOf(document, 'ObjectLockEnabled') === 'Enabled');
  if (bucket.versioning !== 'Enabled') {
    throw invalidBucketState(
      'Object Lock configuration cannot be enabled on existing buckets',
    );
  }
}

/** By the name of the sub-resource in the query. */
const KINDS: Readonly<Record<string, ConfigurationKind>> = {
  cors: {
    root: 'CORSConfiguration',
    namespaced: true,
    readAction: 's3:GetBucketCors',
    writeAction: 's3:PutBucketCors',
    removeAction: 's3:DeleteBucketCors',
    absent: () =>
      new ApiError(
        'NoSuchCORSConfiguration',
        404,
        'The CORS configuration does not exist',
      ),
    check: checkCors,
  },
  encryption: {
    root: 'ServerSideEncryptionConfiguration',
    namespaced: false,
    readAction: 's3:GetBucketEncryption',
    writeAction: 's3:PutBucketEncryption',
    removeAction: 's3:PutBucketEncryption',
    absent: () =>
      new ApiError(
        'ServerSideEncryptionConfigurationNotFoundError',
        400,
        'The server-side encryption configuration was not found.',
      ),
    check: checkEncryption,
  },
  lifecycle: {
    root: 'LifecycleConfiguration',
    namespaced: true,
    readAction: 's3:GetBucketLifecycle',
    writeAction: 's3:PutBucketLifecycle',
    removeAction: 's3:PutBucketLifecycle',
    absent: () =>
      new ApiError(
        'NoSuchLifecycleConfiguration',
        404,
        'The lifecycle configuration does not exist.',
      ),
    check: checkLifecycle,
  },
  notification: {
    root: 'NotificationConfiguration',
    namespaced: true,
    readAction: 's3:GetBucketNotification',
  },
  'object-lock': {
    root: 'ObjectLockConfiguration',
    namespaced: false,
    readAction: 's3:GetBucketObjectLockConfiguration',
    writeAction: 's3:PutBucketObjectLockConfiguration',
    absent: () =>
      new ApiError(
        'ObjectLockConfigurationNotFoundError',
        404,
        'Object Lock configuration does not exist for this bucket',
      ),
    check: checkObjectLock,
  },
  publicAccessBlock: {
    root: 'PublicAccessBlockConfiguration',
    namespaced: false,
    readAction: 's3:GetBucketPublicAccessBlock',
    writeAction: 's3:PutBucketPublicAccessBlock',
    removeAction: 's3:DeleteBucketPublicAccessBlock',
    absent: () =>
      new ApiError(
        'NoSuchPublicAccessBlockConfiguration',
        500,
        'Public access block configuration does not exist',
      ),
  },
  replication: {
    root: 'ReplicationConfiguration',
    namespaced: false,
    readAction: 's3:GetReplicationConfiguration',
    absent: () =>
      new ApiError(
        'ReplicationConfigurationNotFoundError',
        404,
        'replication not found',
      ),
  },
  tagging: {
    root: 'Tagging',
    namespaced: true,
    readAction: 's3:GetBucketTagging',
    writeAction: 's3:PutBucketTagging',
    removeAction: 's3:PutBucketTagging',
    absent: () =>
      new ApiError('NoSuchTagSet', 404, 'The TagSet does not exist'),
    check: checkTagging,
  },
};

export const CONFIGURATION_NAMES = Object.keys(KINDS);

export async function getConfiguration(
  call: S3Call,
  name: string,
): Promise<void> {
  const kind = KINDS[name];
  call.require(kind.readAction);
  const stored = call.bucket().configurations[name];
  if (!stored && kind.absent) {
    throw kind.absent();
  }
  sendXml(
    call.exchange,
    renderXml(kind.root, sortElements(stored ?? {}) as XmlElement, {
      namespace: kind.namespaced ? S3_NAMESPACE : undefined,
    }),
  );
}

export async function putConfiguration(
  call: S3Call,
  name: string,
): Promise<void> {
  const kind = KINDS[name];
  if (!kind.writeAction) {
    throw apiError('NotImplemented');
  }
  call.require(kind.writeAction);
  const bucket = call.bucket();
  const document = parseXml(await call.readDocument(), kind.root);
  kind.check?.(document, bucket);
  const { buckets } = call.context;
  buckets.setConfiguration(bucket, name, document);
  if (name === 'object-lock') {
    buckets.save({ ...call.bucket(), objectLock: true });
  }
  send(call.exchange, { status: 200 });
}

export async function deleteConfiguration(
  call: S3Call,
  name: string,
): Promise<void> {
  const { removeAction } = KINDS[name];
  if (!removeAction) {
    throw apiError('MethodNotAllowed');
  }
  call.require(removeAction);
  call.context.buckets.setConfiguration(call.bucket(), name, undefined);
  send(call.exchange, { status: 204 });
}

export async function getVersioning(call: S3Call): Promise<void> {
  call.require('s3:GetBucketVersioning');
  const { versioning } = call.bucket();
  sendXml(
    call.exchange,
    renderXml(
      'VersioningConfiguration',
      { Status: versioning },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function putVersioning(call: S3Call): Promise<void> {
  call.require('s3:PutBucketVersioning');
  const bucket = call.bucket();
  const status = textOf(
    parseXml(await call.readDocument(), 'VersioningConfiguration'),
    'Status',
  );
  if (status !== 'Enabled' && status !== 'Suspended') {
    throw invalidArgument(
      'bucket versioning configuration has an invalid status',
    );
  }
  if (status === 'Suspended' && bucket.objectLock) {
    throw invalidBucketState(
      'An Object Lock configuration is present on this bucket, versioning cannot be suspended.',
    );
  }
  call.context.buckets.save({ ...bucket, versioning: status });
  send(call.exchange, { status: 200 });
}
