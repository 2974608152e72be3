import { apiError } from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import {
  elementsOf,
  parseXml,
  renderXml,
  S3_NAMESPACE,
  textOf,
} from '../http/xml';
import type { ObjectAttributes } from '../storage/ObjectStore';
import { findForReading } from './objects';
import type { S3Call } from './S3Call';
import { missingObjectLock, underRetention } from './writeGuards';

function change(
  call: S3Call,
  action: string,
  versionAction: string,
  attributes: (current: ObjectAttributes) => ObjectAttributes,
): void {
  const version = findForReading(call, action, versionAction);
  call.context.objects.setAttributes(
    call.bucketName,
    version,
    attributes(version.attributes),
  );
}

export async function getObjectTagging(call: S3Call): Promise<void> {
  const version = findForReading(
    call,
    's3:GetObjectTagging',
    's3:GetObjectVersionTagging',
  );
  sendXml(
    call.exchange,
    renderXml(
      'Tagging',
      {
        TagSet: {
          Tag: Object.entries(version.attributes.tags).map(([Key, Value]) => ({
            Key,
            Value,
          })),
        },
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function putObjectTagging(call: S3Call): Promise<void> {
  call.require('s3:PutObjectTagging');
  const [tagSet] = elementsOf(
    parseXml(await call.readDocument(), 'Tagging'),
    'TagSet',
  );
  if (!tagSet) {
    throw apiError('MalformedXML');
  }
  const tags = Object.fromEntries(
    elementsOf(tagSet, 'Tag').map(tag => [
      textOf(tag, 'Key') ?? '',
      textOf(tag, 'Value') ?? '',
    ]),
  );
  change(
    call,
    's3:PutObjectTagging',
    's3:PutObjectVersionTagging',
    current => ({ ...current, tags }),
  );
  send(call.exchange, { status: 200 });
}

export async function deleteObjectTagging(call: S3Call): Promise<void> {
  change(
    call,
    's3:DeleteObjectTagging',
    's3:DeleteObjectVersionTagging',
    current => ({ ...current, tags: {} }),
  );
  send(call.exchange, { status: 204 });
}

function requireLockedBucket(call: S3Call): void {
  if (!call.bucket().objectLock) {
    throw missingObjectLock();
  }
}

export async function getRetention(call: S3Call): Promise<void> {
  const { attributes } = findForReading(
    call,
    's3:GetObjectRetention',
    's3:GetObjectRetention',
  );
  requireLockedBucket(call);
  sendXml(
    call.exchange,
    renderXml(
      'Retention',
      {
        Mode: attributes.retention?.mode,
        RetainUntilDate: attributes.retention?.until,
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function putRetention(call: S3Call): Promise<void> {
  const { attributes } = findForReading(
    call,
    's3:PutObjectRetention',
    's3:PutObjectRetention',
  );
  requireLockedBucket(call);
  const document = parseXml(await call.readDocument(), 'Retention');
  const mode = textOf(document, 'Mode');
  const until = textOf(document, 'RetainUntilDate');
  const current = attributes.retention;
  const shortens =
    current !== undefined &&
    Date.parse(current.until) > Date.now() &&
    (mode !== current.mode ||
      Date.parse(until ?? '') < Date.parse(current.until));
  const mayShorten =
    current?.mode === 'GOVERNANCE' &&
    call.exchange.header('x-amz-bypass-governance-retention') === 'true' &&
    call.allows('s3:BypassGovernanceRetention');
  if (shortens && !mayShorten) {
    throw underRetention(current);
  }
  change(call, 's3:PutObjectRetention', 's3:PutObjectRetention', stored => ({
    ...stored,
    retention: mode && until ? { mode, until } : undefined,
  }));
  send(call.exchange, { status: 200 });
}

export async function getLegalHold(call: S3Call): Promise<void> {
  const { attributes } = findForReading(
    call,
    's3:GetObjectLegalHold',
    's3:GetObjectLegalHold',
  );
  requireLockedBucket(call);
  sendXml(
    call.exchange,
    renderXml(
      'LegalHold',
      { Status: attributes.legalHold ? 'ON' : 'OFF' },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function putLegalHold(call: S3Call): Promise<void> {
  call.require('s3:PutObjectLegalHold');
  requireLockedBucket(call);
  const status = textOf(
    parseXml(await call.readDocument(), 'LegalHold'),
    'Status',
  );
  if (status !== 'ON' && status !== 'OFF') {
    throw apiError('MalformedXML');
  }
  change(call, 's3:PutObjectLegalHold', 's3:PutObjectLegalHold', current => ({
    ...current,
    legalHold: status === 'ON',
  }));
  send(call.exchange, {
    status: 200,
    headers: { 'x-amz-request-charged': 'requester' },
  });
}
