import type {
  LifecycleRule,
  PolicyDocument,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { identityAnswer } from './answers';
import {
  bucketListAnswer,
  encryptionAnswer,
  lifecycleAnswer,
  lifecycleDocument,
  objectLockAnswer,
  objectLockDocument,
  SSE_S3_DOCUMENT,
  tagsAnswer,
  tagsDocument,
} from './bucketDocuments';
import {
  ADMIN_PATH,
  connect,
  HttpRustfsClient,
  HttpRustfsClientOptions,
} from './HttpRustfsClient';
import {
  KeyPair,
  KeyVerdict,
  LiveObjectLock,
  ProvisioningClient,
  ServerIdentity,
} from './ProvisioningClient';
import { isRustfsError, RustfsError } from './RustfsError';
import { S3Transport } from './S3Transport';

/** Nothing is to be learned of it but whether the key is accepted: it is not there, or not to be seen. */
const NO_BUCKET = 'rustfs-portal-no-bucket';

/**
 * {@link ProvisioningClient} over HTTP.
 *
 * @public
 */
export class HttpProvisioningClient
  extends HttpRustfsClient
  implements ProvisioningClient
{
  readonly #options: HttpRustfsClientOptions;

  /** @throws ConnectionOptionError when the endpoint is not an address of a server */
  static create(options: HttpRustfsClientOptions): HttpProvisioningClient {
    return new HttpProvisioningClient(options);
  }

  private constructor(options: HttpRustfsClientOptions) {
    super(connect(options));
    this.#options = options;
  }

  async identify(): Promise<ServerIdentity> {
    const { status, headers, text } = await this.signedFetch.send({
      operation: { description: 'see which server it is' },
      method: 'GET',
      path: '/health',
      anonymous: true,
    });
    if (/^MinIO\b/i.test(headers.get('server') ?? '')) {
      return { product: 'minio' };
    }
    return (status === 200 && identityAnswer(text)) || { product: 'unknown' };
  }

  async listBuckets(): Promise<string[]> {
    return this.s3.call({
      operation: { description: 'list buckets', right: 's3:ListAllMyBuckets' },
      method: 'GET',
      bucket: '',
      answer: { element: 'ListAllMyBucketsResult', content: bucketListAnswer },
    });
  }

  async createBucket(
    bucket: string,
    options: { objectLock?: boolean } = {},
  ): Promise<void> {
    await this.s3.call({
      operation: {
        description: `make bucket ${bucket}`,
        right: options.objectLock
          ? 's3:CreateBucket, s3:PutBucketObjectLockConfiguration and s3:PutBucketVersioning'
          : 's3:CreateBucket',
      },
      method: 'PUT',
      bucket,
      ...(options.objectLock && {
        headers: { 'x-amz-bucket-object-lock-enabled': 'true' },
      }),
    });
  }

  async getLifecycle(bucket: string) {
    return orUndefined(
      this.#read(bucket, 'lifecycle', 's3:GetBucketLifecycle', {
        element: 'LifecycleConfiguration',
        content: lifecycleAnswer,
      }),
      'NoSuchLifecycleConfiguration',
    );
  }

  async setLifecycle(bucket: string, rules: LifecycleRule[]): Promise<void> {
    if (rules.length === 0) {
      await this.s3.call({
        operation: {
          description: `take the lifecycle off bucket ${bucket}`,
          right: 's3:PutBucketLifecycle',
        },
        method: 'DELETE',
        bucket,
        subresource: 'lifecycle',
      });
      return;
    }
    await this.#write(bucket, 'lifecycle', 's3:PutBucketLifecycle', {
      element: 'LifecycleConfiguration',
      content: lifecycleDocument(rules),
    });
  }

  async getTags(bucket: string): Promise<Record<string, string>> {
    const tags = await orUndefined(
      this.#read(bucket, 'tagging', 's3:GetBucketTagging', {
        element: 'Tagging',
        content: tagsAnswer,
      }),
      'NoSuchTagSet',
    );
    return tags ?? {};
  }

  async setTags(bucket: string, tags: Record<string, string>): Promise<void> {
    await this.#write(bucket, 'tagging', 's3:PutBucketTagging', {
      element: 'Tagging',
      content: tagsDocument(tags),
    });
  }

  async getEncryption(bucket: string) {
    return orUndefined(
      this.#read(bucket, 'encryption', 's3:GetBucketEncryption', {
        element: 'ServerSideEncryptionConfiguration',
        content: encryptionAnswer,
      }),
      'ServerSideEncryptionConfigurationNotFoundError',
    );
  }

  async setEncryption(bucket: string, _encryption: 'sse-s3'): Promise<void> {
    await this.#write(bucket, 'encryption', 's3:PutBucketEncryption', {
      element: 'ServerSideEncryptionConfiguration',
      content: SSE_S3_DOCUMENT,
    });
  }

  async getObjectLock(bucket: string) {
    return orUndefined(
      this.#read(bucket, 'object-lock', 's3:GetBucketObjectLockConfiguration', {
        element: 'ObjectLockConfiguration',
        content: objectLockAnswer,
      }),
      'ObjectLockConfigurationNotFoundError',
    );
  }

  async setObjectLock(bucket: string, lock: LiveObjectLock): Promise<void> {
    await this.#write(
      bucket,
      'object-lock',
      's3:PutBucketObjectLockConfiguration',
      {
        element: 'ObjectLockConfiguration',
        content: objectLockDocument(lock),
      },
    );
  }

  async listPolicies(): Promise<Map<string, unknown>> {
    const policies = await this.admin.call({
      operation: {
        description: 'list the policies of the server',
        right: 'admin:ListUserPolicies',
      },
      method: 'GET',
      path: `${ADMIN_PATH}/list-canned-policies`,
      answer: z.record(z.string(), z.unknown()),
    });
    return new Map(Object.entries(policies));
  }

  async putPolicy(name: string, document: PolicyDocument): Promise<void> {
    const operation = {
      description: `set policy ${name}`,
      right: 'admin:CreatePolicy',
    };
    this.#refuseSeveral(name, operation);
    await this.admin.call({
      operation,
      method: 'PUT',
      path: `${ADMIN_PATH}/add-canned-policy`,
      query: { name },
      body: document,
    });
  }

  async addUser(
    pair: KeyPair,
    options: { enabled?: boolean } = {},
  ): Promise<void> {
    await this.admin.call({
      operation: {
        description: `make user ${pair.accessKeyId}`,
        right: 'admin:CreateUser',
        isConfidential: true,
      },
      method: 'PUT',
      path: `${ADMIN_PATH}/add-user`,
      query: { accessKey: pair.accessKeyId },
      body: {
        secretKey: pair.secretAccessKey,
        status: options.enabled === false ? 'disabled' : 'enabled',
      },
    });
  }

  async setUserSecret(pair: KeyPair): Promise<void> {
    await this.admin.call({
      operation: {
        description: `set the secret of user ${pair.accessKeyId}`,
        right: 'admin:CreateUser',
        isConfidential: true,
      },
      method: 'PUT',
      path: `${ADMIN_PATH}/set-user-secret-key`,
      query: { accessKey: pair.accessKeyId },
      body: { secret_key: pair.secretAccessKey },
    });
  }

  async setUserEnabled(accessKeyId: string, enabled: boolean): Promise<void> {
    await this.admin.call({
      operation: {
        description: `${enabled ? 'enable' : 'disable'} user ${accessKeyId}`,
        right: 'admin:EnableUser',
      },
      method: 'PUT',
      path: `${ADMIN_PATH}/set-user-status`,
      query: {
        accessKey: accessKeyId,
        status: enabled ? 'enabled' : 'disabled',
      },
    });
  }

  async setUserPolicies(
    accessKeyId: string,
    policies: string[],
  ): Promise<void> {
    const operation = {
      description: `set the policies of user ${accessKeyId}`,
      right: 'admin:AttachUserOrGroupPolicy',
    };
    policies.forEach(name => this.#refuseSeveral(name, operation));
    await this.admin.call({
      operation,
      method: 'PUT',
      path: `${ADMIN_PATH}/set-user-or-group-policy`,
      query: {
        policyName: policies.join(','),
        userOrGroup: accessKeyId,
        isGroup: 'false',
      },
    });
  }

  async tryKey(pair: KeyPair): Promise<KeyVerdict> {
    const s3 = new S3Transport(connect({ ...this.#options, ...pair }));
    try {
      await s3.call({
        operation: { description: `try the key of user ${pair.accessKeyId}` },
        method: 'GET',
        bucket: NO_BUCKET,
        subresource: 'location',
      });
      return 'accepted';
    } catch (error) {
      if (!isRustfsError(error)) {
        throw error;
      }
      if (error.code === 'SignatureDoesNotMatch') {
        return 'wrong-secret';
      }
      if (isRustfsError(error, 'credentials') && !isSkewed(error.code)) {
        return 'refused';
      }
      // Whatever it says of the bucket, it has looked at the signature before.
      if (
        error.code &&
        isRustfsError(error, 'denied', 'not-found', 'refused')
      ) {
        return 'accepted';
      }
      throw error;
    }
  }

  /** A server that is told the policies of a user takes one with a comma for several. */
  #refuseSeveral(policy: string, { description }: { description: string }) {
    if (policy.includes(',')) {
      throw new RustfsError({
        reason: 'refused',
        operation: description,
        endpoint: this.endpoint,
        detail: `${policy} is not the name of one policy`,
        hint: 'Name policies without commas.',
      });
    }
  }

  async #read<T>(
    bucket: string,
    subresource: string,
    right: string,
    answer: { element: string; content: z.ZodType<T> },
  ): Promise<T> {
    return this.s3.call({
      operation: {
        description: `read the ${subresource} of bucket ${bucket}`,
        right,
      },
      method: 'GET',
      bucket,
      subresource,
      answer,
    });
  }

  async #write(
    bucket: string,
    subresource: string,
    right: string,
    document: { element: string; content: Record<string, unknown> },
  ): Promise<void> {
    await this.s3.call({
      operation: {
        description: `set the ${subresource} of bucket ${bucket}`,
        right,
      },
      method: 'PUT',
      bucket,
      subresource,
      document,
    });
  }
}

function isSkewed(code: string | undefined) {
  return code === 'RequestTimeTooSkewed';
}

/** What was never set is no failure; the statuses of these answers differ, so their codes count. */
async function orUndefined<T>(
  reading: Promise<T>,
  absentCode: string,
): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isRustfsError(error) && error.code === absentCode) {
      return undefined;
    }
    throw error;
  }
}
