import type { Authentication } from '../auth/Authenticator';
import { apiError, invalidArgument } from '../http/ApiError';
import type { Exchange } from '../http/Exchange';
import { canRead, canWrite } from '../cluster/drives';
import type { RustfsContext } from '../RustfsContext';
import {
  deletePolicy,
  getPolicy,
  getPolicyStatus,
  putPolicy,
} from './bucketPolicy';
import {
  createBucket,
  deleteBucket,
  getLocation,
  headBucket,
  listBuckets,
} from './buckets';
import {
  CONFIGURATION_NAMES,
  deleteConfiguration,
  getConfiguration,
  getVersioning,
  putConfiguration,
  putVersioning,
} from './configurations';
import { addCorsHeaders, answerPreflight } from './cors';
import { deleteObjects } from './deleteObjects';
import { listObjectsV1, listObjectsV2, listVersions } from './listings';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listParts,
  listUploads,
  uploadPart,
} from './multipart';
import {
  deleteObjectTagging,
  getLegalHold,
  getObjectTagging,
  getRetention,
  putLegalHold,
  putObjectTagging,
  putRetention,
} from './objectProperties';
import { copyObject, deleteObject, getObject, putObject } from './objects';
import { S3Call } from './S3Call';

type Handler = (call: S3Call) => Promise<void>;

function bucketHandler(call: S3Call): Handler {
  const { method, query } = call.exchange;
  const configuration = CONFIGURATION_NAMES.find(name => query.has(name));
  if (configuration !== undefined) {
    switch (method) {
      case 'GET':
        return () => getConfiguration(call, configuration);
      case 'PUT':
        return () => putConfiguration(call, configuration);
      case 'DELETE':
        return () => deleteConfiguration(call, configuration);
      default:
        throw apiError('MethodNotAllowed');
    }
  }
  switch (method) {
    case 'HEAD':
      return headBucket;
    case 'GET':
      if (query.has('location')) return getLocation;
      if (query.has('versioning')) return getVersioning;
      if (query.has('policy')) return getPolicy;
      if (query.has('policyStatus')) return getPolicyStatus;
      if (query.has('uploads')) return listUploads;
      if (query.has('versions')) return listVersions;
      return query.get('list-type') === '2' ? listObjectsV2 : listObjectsV1;
    case 'PUT':
      if (query.has('versioning')) return putVersioning;
      if (query.has('policy')) return putPolicy;
      return createBucket;
    case 'DELETE':
      return query.has('policy') ? deletePolicy : deleteBucket;
    case 'POST':
      if (query.has('delete')) return deleteObjects;
      throw apiError('NotImplemented');
    default:
      throw apiError('MethodNotAllowed');
  }
}

function objectHandler(call: S3Call): Handler {
  const { method, query } = call.exchange;
  const copies = call.exchange.header('x-amz-copy-source') !== undefined;
  switch (method) {
    case 'GET':
      if (query.has('uploadId')) return listParts;
      if (query.has('tagging')) return getObjectTagging;
      if (query.has('retention')) return getRetention;
      if (query.has('legal-hold')) return getLegalHold;
      return getObject;
    case 'HEAD':
      return getObject;
    case 'PUT':
      if (query.has('uploadId')) return uploadPart;
      if (query.has('tagging')) return putObjectTagging;
      if (query.has('retention')) return putRetention;
      if (query.has('legal-hold')) return putLegalHold;
      return copies ? copyObject : putObject;
    case 'POST':
      if (query.has('uploads')) return createUpload;
      if (query.has('uploadId')) return completeUpload;
      throw apiError('NotImplemented');
    case 'DELETE':
      if (query.has('uploadId')) return abortUpload;
      if (query.has('tagging')) return deleteObjectTagging;
      return deleteObject;
    default:
      throw apiError('MethodNotAllowed');
  }
}

const WRITES = new Set(['PUT', 'POST', 'DELETE']);

/** Path-style S3: `/`, `/<bucket>`, `/<bucket>/<key>`. */
export class S3Router {
  constructor(private readonly context: RustfsContext) {}

  async handle(
    exchange: Exchange,
    authentication: Authentication | undefined,
  ): Promise<void> {
    const [, bucketName, rest] =
      /^\/*([^/]*)\/*(.*)$/s.exec(exchange.path) ?? [];
    const call = new S3Call(
      this.context,
      exchange,
      authentication,
      bucketName,
      rest,
    );
    if (rest.includes('//')) {
      throw invalidArgument('Invalid argument');
    }
    if (exchange.method === 'OPTIONS') {
      answerPreflight(this.context.buckets, exchange, bucketName);
      return;
    }
    addCorsHeaders(this.context.buckets, exchange, bucketName);
    const handler = this.handlerOf(call);
    if (WRITES.has(exchange.method) && !canWrite(this.context)) {
      throw apiError('SlowDown');
    }
    // What is not in the index alone needs enough drives to be read back.
    if (handler === getObject && !canRead(this.context)) {
      throw apiError('SlowDown');
    }
    await handler(call);
  }

  private handlerOf(call: S3Call): Handler {
    if (call.bucketName === '') {
      if (call.exchange.method !== 'GET') {
        throw apiError('MethodNotAllowed');
      }
      return listBuckets;
    }
    return call.key === '' ? bucketHandler(call) : objectHandler(call);
  }
}
