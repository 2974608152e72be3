import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import {
  AccessDefinition,
  Sandbox,
  smallWorld,
  startSandbox,
  WorldDefinition,
} from '@rustfs-portal/sandbox';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { createInventory } from './createInventory';
import { Inventory } from './Inventory';

jest.setTimeout(120_000);

const TENANT = 'atlas/storage/apps';

function access(change: Partial<AccessDefinition>): AccessDefinition {
  return {
    name: 'writer',
    owner: 'group:default/checkout',
    entity: 'component:default/invoices',
    purpose: 'Invoices as PDF: "all" of them',
    buckets: ['checkout-invoices'],
    mode: 'read-write',
    consumer: { namespace: 'checkout', secret: 'writer-s3', form: 'aws' },
    createdAt: '2026-11-20T10:00:00.000Z',
    ...change,
  };
}

const [cluster] = smallWorld.clusters;
const world: WorldDefinition = {
  ...smallWorld,
  clusters: [
    {
      ...cluster,
      tenants: [
        {
          ...cluster.tenants[0],
          accesses: [
            access({}),
            access({
              name: 'reader',
              mode: 'read',
              buckets: ['checkout-*'],
              consumer: {
                namespace: 'checkout',
                secret: 'reader-s3',
                form: 'loki',
              },
            }),
            access({
              name: 'stopped',
              disabled: true,
              consumer: {
                namespace: 'checkout',
                secret: 'stopped-s3',
                form: 'aws',
              },
            }),
            access({ name: 'ended', revokedAt: '2026-11-21T10:00:00.000Z' }),
          ],
        },
      ],
    },
  ],
};

/*
 * Accesses as they are in Git, by way of Flux, the operator, the clusters and the server to what the portal shows, and to
 * what the keys do that the workloads have.
 */
describe('accesses from Git to the portal', () => {
  let stateDir: string;
  let sandbox: Sandbox;
  let inventory: Inventory;

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'accesses-'));
    sandbox = await startSandbox({ stateDir, world, speed: 'fast' });
    inventory = createInventory({
      config: new ConfigReader(
        parse(await readFile(sandbox.portalConfigPath, 'utf8')),
      ),
      logger: mockServices.logger.mock(),
    });
  });

  afterAll(async () => {
    await sandbox?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('shows each as it stands', async () => {
    const { items, problems } = await inventory.listAccesses();
    expect(problems).toEqual([]);
    expect(items).toMatchObject([
      { name: 'ended', state: 'revoked', revokedAt: expect.any(String) },
      {
        name: 'reader',
        state: 'ready',
        mode: 'read',
        scope: { type: 'pattern', pattern: 'checkout-*' },
        drift: [],
      },
      {
        name: 'stopped',
        state: 'failed',
        reason: 'UserDisabled',
        drift: [{ field: 'status' }],
      },
      {
        name: 'writer',
        state: 'ready',
        purpose: 'Invoices as PDF: "all" of them',
        scope: { type: 'buckets', buckets: ['checkout-invoices'] },
        consumer: {
          cluster: 'atlas',
          namespace: 'checkout',
          secret: 'writer-s3',
          form: 'aws',
        },
        createdAt: '2026-11-20T10:00:00.000Z',
        drift: [],
      },
    ]);
    const buckets = await inventory.listBuckets();
    expect(
      buckets.items.map(({ name, access: users }) => [
        name,
        users?.map(user => user.access),
      ]),
    ).toEqual([
      ['checkout-exports', ['reader']],
      ['checkout-invoices', ['reader', 'stopped', 'writer']],
      ['newsletter-archive', []],
    ]);
  });

  it('gives workloads keys that do what the mode says', async () => {
    const secrets = await workloadSecrets();
    // The Secret of an access that has ended is gone.
    expect(Object.keys(secrets).sort()).toEqual([
      'reader-s3',
      'stopped-s3',
      'writer-s3',
    ]);
    expect(Object.keys(secrets['reader-s3'])).toContain('S3_ENDPOINT');
    const read = (secret: string, bucket: string, key: string) =>
      withKeyOf(secrets[secret], client =>
        client.send(new GetObjectCommand({ Bucket: bucket, Key: key })),
      );
    const write = (secret: string, bucket: string) =>
      withKeyOf(secrets[secret], client =>
        client.send(
          new PutObjectCommand({ Bucket: bucket, Key: 'new', Body: 'x' }),
        ),
      );
    const invoice = ['checkout-invoices', '2026/invoice-0001.pdf'] as const;
    const exported = ['checkout-exports', 'accounting/0001.csv.gz'] as const;

    await expect(read('writer-s3', ...invoice)).resolves.toBeDefined();
    await expect(
      write('writer-s3', 'checkout-invoices'),
    ).resolves.toBeDefined();
    const denied = { name: 'AccessDenied' };
    await expect(read('writer-s3', ...exported)).rejects.toMatchObject(denied);

    await expect(read('reader-s3', ...invoice)).resolves.toBeDefined();
    await expect(read('reader-s3', ...exported)).resolves.toBeDefined();
    await expect(write('reader-s3', 'checkout-invoices')).rejects.toMatchObject(
      denied,
    );
    await expect(read('stopped-s3', ...invoice)).rejects.toMatchObject({
      name: 'InvalidAccessKeyId',
    });
  });

  async function workloadSecrets(): Promise<
    Record<string, Record<string, string>>
  > {
    const kubeConfig = new KubeConfig();
    kubeConfig.loadFromFile(sandbox.connections.kubernetes[0].kubeconfig);
    const response = await fetch(
      `${sandbox.kubernetes.atlas.url}/api/v1/namespaces/checkout/secrets`,
      {
        headers: {
          authorization: `Bearer ${kubeConfig.getCurrentUser()!.token}`,
        },
      },
    );
    const { items } = (await response.json()) as {
      items: Array<{
        metadata: { name: string };
        data: Record<string, string>;
      }>;
    };
    return Object.fromEntries(
      items.map(({ metadata, data }) => [
        metadata.name,
        Object.fromEntries(
          Object.entries(data).map(([key, text]) => [
            key,
            Buffer.from(text, 'base64').toString(),
          ]),
        ),
      ]),
    );
  }

  async function withKeyOf<T>(
    secret: Record<string, string>,
    use: (client: S3Client) => Promise<T>,
  ): Promise<T> {
    const client = new S3Client({
      // The address in the Secret is that of a Service, which is not here.
      endpoint: sandbox.rustfs[TENANT].endpoint,
      region: 'us-east-1',
      credentials: {
        accessKeyId: secret.AWS_ACCESS_KEY_ID,
        secretAccessKey: secret.AWS_SECRET_ACCESS_KEY,
      },
      forcePathStyle: true,
    });
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  }
});
