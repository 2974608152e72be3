import { invalidArgument } from '../http/ApiError';
import type { Exchange } from '../http/Exchange';
import { elementsOf, textOf, type XmlElement } from '../http/xml';
import type { Bucket } from '../storage/BucketStore';
import type { ObjectAttributes, ObjectVersion } from '../storage/ObjectStore';

const STORED_HEADERS = [
  'cache-control',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-type',
  'expires',
];

function storedHeaders(exchange: Exchange): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name of STORED_HEADERS) {
    const value = exchange.header(name);
    if (value !== undefined) {
      headers[name] = value;
    }
  }
  // `aws-chunked` describes the transfer, not the object.
  const encodings = (headers['content-encoding'] ?? '')
    .split(',')
    .map(encoding => encoding.trim())
    .filter(encoding => encoding !== '' && encoding !== 'aws-chunked');
  delete headers['content-encoding'];
  if (encodings.length > 0) {
    headers['content-encoding'] = encodings.join(', ');
  }
  return { 'content-type': 'application/octet-stream', ...headers };
}

function userMetadata(exchange: Exchange): Record<string, string> {
  const metadata: Record<string, string> = {};
  // Presigned uploads carry their metadata in the query.
  for (const [name, value] of exchange.query.pairs) {
    if (name.toLowerCase().startsWith('x-amz-meta-')) {
      metadata[name.toLowerCase().slice('x-amz-meta-'.length)] = value;
    }
  }
  for (const name of Object.keys(exchange.request.headers)) {
    if (name.startsWith('x-amz-meta-')) {
      metadata[name.slice('x-amz-meta-'.length)] = exchange.header(name) ?? '';
    }
  }
  return metadata;
}

function parseTagHeader(text: string | undefined): Record<string, string> {
  const tags = Object.fromEntries(new URLSearchParams(text ?? ''));
  if (Object.keys(tags).length > 10) {
    throw invalidArgument('an object cannot have more than 10 tags');
  }
  return tags;
}

function defaultRetention(
  bucket: Bucket,
): ObjectAttributes['retention'] | undefined {
  const [rule] = elementsOf(bucket.configurations['object-lock'] ?? {}, 'Rule');
  const [retention] = rule ? elementsOf(rule, 'DefaultRetention') : [];
  const mode = retention && textOf(retention, 'Mode');
  if (!mode) {
    return undefined;
  }
  const until = new Date();
  until.setUTCDate(until.getUTCDate() + Number(textOf(retention, 'Days') ?? 0));
  until.setUTCFullYear(
    until.getUTCFullYear() + Number(textOf(retention, 'Years') ?? 0),
  );
  return { mode, until: until.toISOString() };
}

/** What a request that creates an object says about it beside its data. */
export function readAttributes(
  exchange: Exchange,
  bucket: Bucket,
): ObjectAttributes {
  const mode = exchange.header('x-amz-object-lock-mode');
  const until = exchange.header('x-amz-object-lock-retain-until-date');
  return {
    headers: storedHeaders(exchange),
    metadata: userMetadata(exchange),
    checksums: {},
    tags: parseTagHeader(exchange.header('x-amz-tagging')),
    retention: mode && until ? { mode, until } : defaultRetention(bucket),
    legalHold: exchange.header('x-amz-object-lock-legal-hold') === 'ON',
  };
}

/** `x-amz-checksum-crc32` as the element `ChecksumCRC32`. */
export function checksumElements(attributes: ObjectAttributes): XmlElement {
  return Object.fromEntries(
    Object.entries(attributes.checksums).map(([name, value]) => [
      `Checksum${name.slice('x-amz-checksum-'.length).toUpperCase()}`,
      value,
    ]),
  );
}

/** Header that names a version that was just made; one without an id is not named. */
export function newVersionHeader(
  version: Pick<ObjectVersion, 'versionId'>,
): Record<string, string> {
  return version.versionId === 'null'
    ? {}
    : { 'x-amz-version-id': version.versionId };
}

/** Header that names the version; left out where the bucket never had versioning. */
function versionHeader(
  bucket: Bucket,
  version: Pick<ObjectVersion, 'versionId'>,
): Record<string, string> {
  return bucket.versioning === undefined
    ? {}
    : { 'x-amz-version-id': version.versionId };
}

/** Headers of GET and HEAD. */
export function describeObject(
  exchange: Exchange,
  bucket: Bucket,
  version: ObjectVersion,
): Record<string, string | number> {
  const { attributes } = version;
  const headers: Record<string, string | number> = {
    ...attributes.headers,
    'accept-ranges': 'bytes',
    etag: `"${version.etag}"`,
    'last-modified': new Date(version.modifiedAt).toUTCString(),
    ...versionHeader(bucket, version),
  };
  for (const [name, value] of Object.entries(attributes.metadata)) {
    headers[`x-amz-meta-${name}`] = value;
  }
  if (exchange.header('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED') {
    Object.assign(headers, attributes.checksums);
  }
  const tagCount = Object.keys(attributes.tags).length;
  if (tagCount > 0) {
    headers['x-amz-tagging-count'] = tagCount;
  }
  if (attributes.retention) {
    headers['x-amz-object-lock-mode'] = attributes.retention.mode;
    headers['x-amz-object-lock-retain-until-date'] = attributes.retention.until;
  }
  if (attributes.legalHold) {
    headers['x-amz-object-lock-legal-hold'] = 'ON';
  }
  for (const [name, value] of exchange.query.pairs) {
    if (name.startsWith('response-')) {
      headers[name.slice('response-'.length)] = value;
    }
  }
  return headers;
}
