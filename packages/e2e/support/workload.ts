import {
  DeleteBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { expect } from '@playwright/test';
import type { SandboxConnections } from '@rustfs-portal/sandbox';

/** The Secrets of a cluster, as the workloads there have them: the portal never reads them. */
export class ClusterSecrets {
  readonly #api: CoreV1Api;

  constructor({ kubernetes }: SandboxConnections, cluster: string) {
    const config = new KubeConfig();
    config.loadFromFile(
      kubernetes.find(({ cluster: name }) => name === cluster)!.kubeconfig,
    );
    this.#api = config.makeApiClient(CoreV1Api);
  }

  /** The values by key; undefined when there is no such Secret. */
  async read(
    namespace: string,
    name: string,
  ): Promise<Record<string, string> | undefined> {
    const { items } = await this.#api.listNamespacedSecret({
      namespace,
      fieldSelector: `metadata.name=${name}`,
    });
    const data = items[0]?.data;
    return (
      data &&
      Object.fromEntries(
        Object.entries(data).map(([key, value]) => [
          key,
          Buffer.from(value, 'base64').toString(),
        ]),
      )
    );
  }
}

/** What a workload does with the key of its Secret. */
export class Workload {
  readonly #s3: S3Client;

  constructor(secret: Record<string, string>) {
    this.#s3 = new S3Client({
      endpoint: secret.AWS_ENDPOINT_URL_S3,
      region: secret.AWS_REGION,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: {
        accessKeyId: secret.AWS_ACCESS_KEY_ID,
        secretAccessKey: secret.AWS_SECRET_ACCESS_KEY,
      },
    });
  }

  async put(bucket: string, key: string, text: string): Promise<void> {
    await this.#s3.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: text }),
    );
  }

  async get(bucket: string, key: string): Promise<string> {
    const { Body } = await this.#s3.send(
      new GetObjectCommand({ Bucket: bucket, Key: key }),
    );
    return Body!.transformToString();
  }

  async list(bucket: string): Promise<string[]> {
    const { Contents = [] } = await this.#s3.send(
      new ListObjectsV2Command({ Bucket: bucket }),
    );
    return Contents.map(({ Key }) => Key!);
  }

  async enableVersioning(bucket: string): Promise<void> {
    await this.#s3.send(
      new PutBucketVersioningCommand({
        Bucket: bucket,
        VersioningConfiguration: { Status: 'Enabled' },
      }),
    );
  }

  async deleteBucket(bucket: string): Promise<void> {
    await this.#s3.send(new DeleteBucketCommand({ Bucket: bucket }));
  }
}

/** The root of a tenant's server, as somebody with a console is. */
export function rootOf({ rustfs }: SandboxConnections, tenant: string) {
  const root = rustfs.find(one => one.tenant === tenant)!;
  return new Workload({
    AWS_ENDPOINT_URL_S3: root.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: root.accessKey,
    AWS_SECRET_ACCESS_KEY: root.secretKey,
  });
}

/** Expects that the server refuses a call of a workload. */
export async function expectDenied(call: Promise<unknown>) {
  const outcome = await call.then(
    () => 'works',
    (error: Error) => error.name,
  );
  // The second: an access that has ended has another secret; the third: its user is disabled.
  expect(outcome).toMatch(
    /^(AccessDenied|SignatureDoesNotMatch|InvalidAccessKeyId)$/,
  );
}
