import { createHash } from 'node:crypto';
import { apiError, invalidArgument, invalidRequest } from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { withMilliseconds } from '../http/timestamps';
import {
  elementsOf,
  parseXml,
  renderXml,
  S3_NAMESPACE,
  textOf,
} from '../http/xml';
import type { Upload, UploadedPart } from '../storage/UploadStore';
import { OWNER } from './documents';
import { newVersionHeader, readAttributes } from './objectAttributes';
import { commitObject, requireWriteCondition } from './objects';
import { receiveBody } from './receiveBody';
import type { S3Call } from './S3Call';
import { requireNoEncryption, requireQuota } from './writeGuards';

const MIN_PART_BYTES = 5 * 1024 * 1024;
const MAX_PARTS = 10_000;

function findUpload(call: S3Call, message?: string): Upload {
  call.bucket();
  const upload = call.context.uploads.find(
    call.bucketName,
    call.key,
    call.exchange.query.get('uploadId') ?? '',
  );
  if (!upload) {
    throw apiError('NoSuchUpload', message);
  }
  return upload;
}

export async function createUpload(call: S3Call): Promise<void> {
  const { context, exchange, bucketName, key } = call;
  call.require('s3:PutObject');
  const bucket = call.bucket();
  requireNoEncryption(call, bucket);
  const upload = context.uploads.create(
    bucketName,
    key,
    readAttributes(exchange, bucket),
  );
  sendXml(
    exchange,
    renderXml(
      'InitiateMultipartUploadResult',
      { Bucket: bucketName, Key: key, UploadId: upload.id },
      { namespace: S3_NAMESPACE },
    ),
  );
}

function partNumberOf(call: S3Call): number {
  const number = Number(call.exchange.query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS) {
    throw invalidArgument('partNumber must be between 1 and 10000');
  }
  return number;
}

export async function uploadPart(call: S3Call): Promise<void> {
  const { context, exchange } = call;
  call.require('s3:PutObject');
  const upload = findUpload(call);
  const number = partNumberOf(call);
  const body = await receiveBody(call);
  const { replaced } = context.uploads.putPart(upload.id, {
    ...body.segment,
    number,
    etag: body.md5,
  });
  await context.blobs.remove(replaced);
  send(exchange, {
    status: 200,
    headers: { etag: `"${body.md5}"`, ...body.checksums },
  });
}

/** The uploaded parts that the client wants, in its order. */
function selectParts(
  document: string,
  uploaded: UploadedPart[],
): UploadedPart[] {
  const listed = elementsOf(
    parseXml(document, 'CompleteMultipartUpload'),
    'Part',
  );
  if (listed.length === 0) {
    throw invalidRequest('You must specify at least one part');
  }
  const numbers = listed.map(part => Number(textOf(part, 'PartNumber')));
  if (numbers.some((number, at) => at > 0 && number <= numbers[at - 1])) {
    throw apiError('InvalidPartOrder');
  }
  const selected = listed.map(element => {
    const number = Number(textOf(element, 'PartNumber'));
    const etag = (textOf(element, 'ETag') ?? '').replace(/"/g, '');
    const part = uploaded.find(candidate => candidate.number === number);
    if (!part || part.etag !== etag) {
      throw apiError('InvalidPart');
    }
    return part;
  });
  if (selected.slice(0, -1).some(part => part.size < MIN_PART_BYTES)) {
    throw apiError('EntityTooSmall');
  }
  return selected;
}

export async function completeUpload(call: S3Call): Promise<void> {
  const { context, exchange, bucketName, key } = call;
  call.require('s3:PutObject');
  const upload = findUpload(call);
  const uploaded = context.uploads.parts(upload.id);
  const parts = selectParts(await call.readDocument(), uploaded);
  requireWriteCondition(call);
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  requireQuota(call, call.bucket(), size);
  const hash = createHash('md5');
  parts.forEach(part => hash.update(Buffer.from(part.etag, 'hex')));
  const etag = `${hash.digest('hex')}-${parts.length}`;
  // The parts stay where they are: the object is the list of them.
  context.uploads.remove(upload.id);
  const version = await commitObject(call, {
    segments: parts.map(part => ({ file: part.file, size: part.size })),
    size,
    etag,
    attributes: upload.attributes,
  });
  await context.blobs.remove(
    uploaded.filter(part => !parts.some(used => used.file === part.file)),
  );
  sendXml(
    exchange,
    renderXml(
      'CompleteMultipartUploadResult',
      {
        Bucket: bucketName,
        ETag: `"${etag}"`,
        Key: key,
        Location: `http://${exchange.host}/${bucketName}/${key}`,
      },
      { namespace: S3_NAMESPACE },
    ),
    newVersionHeader(version),
  );
}

export async function abortUpload(call: S3Call): Promise<void> {
  const { context } = call;
  call.require('s3:AbortMultipartUpload');
  const upload = findUpload(call);
  const parts = context.uploads.parts(upload.id);
  context.uploads.remove(upload.id);
  await context.blobs.remove(parts);
  send(call.exchange, { status: 204 });
}

export async function listParts(call: S3Call): Promise<void> {
  const { exchange, context } = call;
  call.require('s3:ListMultipartUploadParts');
  const upload = findUpload(
    call,
    'The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.',
  );
  const marker = Number(exchange.query.get('part-number-marker') ?? 0);
  const limit = Math.min(Number(exchange.query.get('max-parts') ?? 1000), 1000);
  const following = context.uploads
    .parts(upload.id)
    .filter(part => part.number > marker);
  const page = following.slice(0, limit);
  const truncated = following.length > page.length;
  sendXml(
    exchange,
    renderXml(
      'ListPartsResult',
      {
        Bucket: call.bucketName,
        Initiator: OWNER,
        IsTruncated: String(truncated),
        Key: call.key,
        MaxParts: String(limit),
        NextPartNumberMarker: truncated
          ? String(page.at(-1)?.number ?? marker)
          : undefined,
        Owner: OWNER,
        Part: page.map(part => ({
          ETag: `"${part.etag}"`,
          LastModified: withMilliseconds(part.modifiedAt),
          PartNumber: String(part.number),
          Size: String(part.size),
        })),
        PartNumberMarker: String(marker),
        StorageClass: 'STANDARD',
        UploadId: upload.id,
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}

export async function listUploads(call: S3Call): Promise<void> {
  const { exchange, context, bucketName } = call;
  call.require('s3:ListBucketMultipartUploads');
  call.bucket();
  const prefix = exchange.query.get('prefix') ?? '';
  sendXml(
    exchange,
    renderXml(
      'ListMultipartUploadsResult',
      {
        Bucket: bucketName,
        IsTruncated: 'false',
        MaxUploads: '1000',
        Prefix: prefix,
        Upload: context.uploads
          .list(bucketName)
          .filter(upload => upload.key.startsWith(prefix))
          .map(upload => ({
            Initiated: withMilliseconds(upload.initiatedAt),
            Initiator: OWNER,
            Key: upload.key,
            Owner: OWNER,
            UploadId: upload.id,
          })),
      },
      { namespace: S3_NAMESPACE },
    ),
  );
}
