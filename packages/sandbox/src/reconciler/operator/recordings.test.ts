import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { KubernetesObject, parseObject } from '../kubernetes';
import { policyHash } from './policyDocument';
import { ProvisioningTarget } from './provision';
import { reconcileTenant } from './reconcileTenant';
import { UpstreamError } from './RustfsAdmin';
import { deriveStatus, saysTheSame } from './status';
import { tenantSpecSchema, tenantStatusSchema, TenantStatus } from './types';

const recordingSchema = z.object({ tenant: z.unknown() });

function recorded(name: string) {
  const { tenant } = recordingSchema.parse(
    parse(
      readFileSync(join(__dirname, '__fixtures__', `${name}.yaml`), 'utf8'),
    ),
  );
  return parseObject(tenant);
}

function policyOf(actions: string[]) {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: actions,
        Resource: ['arn:aws:s3:::data', 'arn:aws:s3:::data/*'],
      },
    ],
  };
}

const READ = ['s3:GetObject', 's3:ListBucket'];
const WRITE = [...READ, 's3:PutObject', 's3:DeleteObject'];
const REFUSED = { Version: '2012-10-17', Statement: [{ Effect: 'Perhaps' }] };

/** What the run needs of a server, in memory. */
class MemoryServer implements ProvisioningTarget {
  down = false;
  readonly policies = new Map<string, unknown>([
    ['readwrite', policyOf(['s3:*'])],
  ]);
  readonly users = new Map<string, string>();
  readonly mappings = new Map<string, string[]>();
  readonly buckets = new Map<string, { objectLock: boolean }>();

  async listPolicies() {
    this.answer();
    return new Map(this.policies);
  }

  async putPolicy(name: string, document: unknown) {
    this.answer();
    if (policyHash(document) === policyHash(REFUSED)) {
      throw new UpstreamError(
        'upstream returned 400 Bad Request: InvalidRequest: io error: Matching variant not found at line 1 column 58',
        400,
      );
    }
    this.policies.set(name, document);
  }

  async getUser(accessKey: string) {
    this.answer();
    return this.users.has(accessKey) ? { status: 'enabled' } : undefined;
  }

  async putUser(accessKey: string, { secretKey }: { secretKey: string }) {
    this.answer();
    this.users.set(accessKey, secretKey);
  }

  async setUserPolicies(accessKey: string, policies: string[]) {
    this.answer();
    this.mappings.set(accessKey, policies);
  }

  async createBucket(name: string, { objectLock = false }) {
    this.answer();
    if (!this.buckets.has(name)) {
      this.buckets.set(name, { objectLock });
    }
  }

  async hasObjectLock(bucket: string) {
    this.answer();
    return Boolean(this.buckets.get(bucket)?.objectLock);
  }

  private answer() {
    if (this.down) {
      throw new UpstreamError('request failed');
    }
  }
}

/** One Tenant with all around it, run by run. */
class Bench {
  server = new MemoryServer();
  status: TenantStatus = tenantStatusSchema.parse({});
  ready = 1;
  uid?: string;
  readonly configMaps = new Map<string, Record<string, unknown>>();
  readonly secrets = new Map<string, KubernetesObject>();
  private version = 1000;

  secret(name: string, values: Record<string, string>) {
    this.version += 1;
    this.secrets.set(
      name,
      parseObject({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, resourceVersion: String(this.version) },
        data: Object.fromEntries(
          Object.entries(values).map(([key, value]) => [
            key,
            Buffer.from(value).toString('base64'),
          ]),
        ),
      }),
    );
  }

  /** Runs until the status stays as it is, as the operator does because it sees its own writes. */
  async run(tenant: KubernetesObject): Promise<TenantStatus> {
    const now = '2026-11-20T23:30:00Z';
    for (let runs = 0; runs < 5; runs += 1) {
      const spec = tenantSpecSchema.parse(tenant.spec);
      const outcome = await reconcileTenant({
        tenant: {
          ...tenant,
          metadata: {
            ...tenant.metadata,
            uid: this.uid ?? tenant.metadata.uid,
          },
        },
        spec,
        status: this.status,
        configMap: async name => {
          const data = this.configMaps.get(name);
          return data
            ? parseObject({
                apiVersion: 'v1',
                kind: 'ConfigMap',
                metadata: { name },
                data,
              })
            : undefined;
        },
        secret: async name => this.secrets.get(name),
        makeWorkloads: async () =>
          spec.pools.map(({ name, servers }) => ({
            name,
            statefulSet: `${tenant.metadata.name}-${name}`,
            revision: `${tenant.metadata.name}-${name}-75c6fb6ddc`,
            replicas: servers,
            ready: this.ready,
            updating: false,
          })),
        connect: () => this.server,
        now,
      });
      const next = deriveStatus({
        generation: tenant.metadata.generation ?? 0,
        previous: this.status,
        outcome,
        now,
      });
      if (saysTheSame(this.status, next)) {
        return next;
      }
      this.status = JSON.parse(JSON.stringify(next));
    }
    throw new Error('the status does not come to rest');
  }
}

/** What a status says, without what differs by credentials, times and the path that led there. */
function gist(status: TenantStatus) {
  const items = (list: TenantStatus['pools'] = []) =>
    list
      .filter(item => item.state !== 'Retained')
      .map(item => ({
        ...item,
        lastTransitionTime: undefined,
        lastAppliedGeneration: undefined,
        lastAppliedAccessKeyHash: undefined,
        lastAppliedHash: undefined,
        // Recorded with other documents after the first ones.
        desiredHash: undefined,
        observedSecretResourceVersion: undefined,
        ownership: undefined,
      }));
  return {
    currentState: status.currentState,
    observedGeneration: status.observedGeneration,
    conditions: status.conditions.map(condition => ({
      ...condition,
      lastTransitionTime: undefined,
    })),
    phase: status.provisioning?.phase,
    provisioned: status.provisioning?.observedGeneration,
    policies: items(status.provisioning?.policies),
    users: items(status.provisioning?.users),
    buckets: items(status.provisioning?.buckets),
  };
}

describe('the operator stand-in beside the recorded operator', () => {
  const bench = new Bench();
  const goodUsers = () => {
    bench.secret('writer-creds', {
      accesskey: 'writer-key',
      secretkey: 'writer-secret',
    });
    bench.secret('reader-creds', {
      accesskey: 'reader-key',
      secretkey: 'reader-secret',
    });
  };
  const policies = (more: Record<string, unknown> = {}) =>
    bench.configMaps.set('policies', {
      'data-rw.json': JSON.stringify(policyOf(WRITE)),
      'data-ro.json': JSON.stringify(policyOf(READ)),
      ...Object.fromEntries(
        Object.entries(more).map(([key, value]) => [
          key,
          JSON.stringify(value),
        ]),
      ),
    });

  // In the order of the recorded run: each row begins where the one before it ended.
  const story: Array<[recording: string, happens: () => void]> = [
    ['01-root-secret-missing', () => {}],
    [
      '02-root-secret-key-missing',
      () => bench.secret('root', { accesskey: 'short' }),
    ],
    [
      '03-root-secret-too-short',
      () => bench.secret('root', { accesskey: 'short', secretkey: 'short' }),
    ],
    [
      '04-pods-not-ready',
      () => {
        bench.secret('root', {
          accesskey: 'root-access',
          secretkey: 'root-secret',
        });
        bench.ready = 0;
      },
    ],
    [
      '05-server-unreachable',
      () => {
        bench.ready = 1;
        bench.server.down = true;
      },
    ],
    [
      '06-user-secrets-and-policies-missing',
      () => {
        bench.server.down = false;
      },
    ],
    [
      '07-policy-json-invalid-and-key-missing',
      () =>
        bench.configMaps.set('policies', {
          'data-rw.json': '{"Version": "2012-10-17", "Statement": [',
        }),
    ],
    [
      '08-policy-refused-by-server',
      () => policies({ 'data-rw.json': REFUSED }),
    ],
    ['09-user-secrets-missing', () => policies()],
    [
      '10-user-secrets-invalid',
      () => {
        bench.secret('writer-creds', { accesskey: 'writer-key' });
        bench.secret('reader-creds', { accesskey: 'r', secretkey: 's' });
      },
    ],
    ['11-ready', goodUsers],
    ['12-removed-from-spec', () => {}],
    ['13-added-again', () => {}],
    [
      '14-policy-changed',
      () => policies({ 'data-ro.json': policyOf(['s3:GetObject']) }),
    ],
    [
      '15-policy-drift',
      () =>
        bench.server.policies.set(
          'data-ro',
          policyOf(['s3:GetBucketLocation']),
        ),
    ],
    [
      '16-policy-drift-adopted-by-spec',
      () => policies({ 'data-ro.json': policyOf(['s3:GetBucketLocation']) }),
    ],
    [
      '17-policy-exists-unmanaged',
      () => {
        bench.server.policies.set('foreign', policyOf(WRITE));
        bench.server.policies.set('foreign-same', policyOf(READ));
        policies({
          'foreign.json': policyOf(READ),
          'foreign-same.json': policyOf(READ),
        });
      },
    ],
    [
      '18-user-policy-unknown',
      () =>
        bench.secret('ghost-creds', {
          accesskey: 'ghost-key',
          secretkey: 'ghost-secret',
        }),
    ],
    ['19-user-builtin-policy', () => {}],
    [
      '20-user-exists-unmanaged',
      () => {
        bench.server.users.set('alien-key', 'another');
        bench.secret('alien-creds', {
          accesskey: 'alien-key',
          secretkey: 'alien-secret',
        });
      },
    ],
    [
      '24-user-access-key-changed',
      () =>
        bench.secret('reader-creds', {
          accesskey: 'reader-key-2',
          secretkey: 'reader-secret',
        }),
    ],
    ['25-user-access-key-restored', goodUsers],
    [
      '26-user-secret-deleted',
      () => {
        bench.secrets.delete('reader-creds');
      },
    ],
    [
      '27-user-removed-on-server',
      () => {
        goodUsers();
        bench.server.users.delete('reader-key');
      },
    ],
    [
      '30-bucket-exists',
      () => {
        bench.server.buckets.set('plain', { objectLock: false });
        bench.server.buckets.set('locked', { objectLock: true });
      },
    ],
    ['32-bucket-region', () => {}],
    [
      '34-server-down-on-change',
      () => {
        bench.server.down = true;
      },
    ],
    [
      '35-server-back',
      () => {
        bench.server.down = false;
      },
    ],
    [
      '57-pods-lost-after-ready',
      () => {
        // `late` had left the spec before.
        bench.ready = 0;
      },
    ],
    ['58-spec-changed-while-pods-down', () => {}],
    [
      '59-pods-back',
      () => {
        bench.ready = 1;
      },
    ],
  ];

  it.each(story)('%s', async (recording, happens) => {
    happens();
    const tenant = recorded(recording);
    const expected = tenantStatusSchema.parse(tenant.status);
    if (recording === '57-pods-lost-after-ready') {
      bench.ready = 1;
      await bench.run(tenant);
      bench.ready = 0;
    }
    expect(gist(await bench.run(tenant))).toEqual(gist(expected));
  });

  it('keeps what left the spec as Retained', async () => {
    const removed = new Bench();
    removed.status = tenantStatusSchema.parse(recorded('11-ready').status);
    removed.secrets.set('root', bench.secrets.get('root')!);
    removed.secrets.set('writer-creds', bench.secrets.get('writer-creds')!);
    removed.configMaps.set('policies', bench.configMaps.get('policies')!);
    const { provisioning } = await removed.run(
      recorded('12-removed-from-spec'),
    );
    const expected = tenantStatusSchema.parse(
      recorded('12-removed-from-spec').status,
    );
    for (const kind of ['policies', 'users', 'buckets'] as const) {
      const retained = (status?: TenantStatus['provisioning']) =>
        status?.[kind]
          .filter(item => item.state === 'Retained')
          .map(({ name, reason, message }) => ({ name, reason, message }));
      expect(retained(provisioning)).toEqual(retained(expected.provisioning));
    }
  });

  it('follows an access to its end, out of the spec, and to a new beginning', async () => {
    const lasting = new Bench();
    lasting.secrets.set('root', bench.secrets.get('root')!);
    lasting.configMaps.set('policies', {
      'own.json': JSON.stringify(policyOf(READ)),
      'denied.json': JSON.stringify(policyOf(['s3:*'])),
    });
    const { spec, ...tenant } = recorded('11-ready');
    let generation = 0;
    const run = async (users: string[][]) => {
      generation += 1;
      const { provisioning } = await lasting.run({
        ...tenant,
        metadata: { ...tenant.metadata, generation },
        spec: {
          ...tenantSpecSchema.parse(spec),
          buckets: [],
          policies: ['own', 'denied'].map(policy => ({
            name: policy,
            document: {
              configMapKeyRef: { name: 'policies', key: `${policy}.json` },
            },
          })),
          users: users.map(names => ({
            name: 'access-invoices',
            credsSecret: { name: 'invoices' },
            policies: names,
          })),
        },
      });
      const [item, ...others] = provisioning!.users;
      expect(others).toEqual([]);
      return item.state;
    };
    const secret = (secretkey: string) =>
      lasting.secret('invoices', { accesskey: 'invoices-key', secretkey });

    secret('first-secret');
    expect(await run([['own']])).toBe('Ready');
    expect(lasting.server.mappings.get('invoices-key')).toEqual(['own']);

    secret('secret-of-nobody');
    expect(await run([['denied']])).toBe('Ready');
    expect(lasting.server.users.get('invoices-key')).toBe('secret-of-nobody');
    // In the place of what it had, not beside it.
    expect(lasting.server.mappings.get('invoices-key')).toEqual(['denied']);

    expect(await run([])).toBe('Retained');
    expect(lasting.server.users.get('invoices-key')).toBe('secret-of-nobody');
    expect(lasting.server.mappings.get('invoices-key')).toEqual(['denied']);

    // Its mark of ownership lasts, so the user that is there is no conflict.
    secret('second-secret');
    expect(await run([['own']])).toBe('Ready');
    expect(lasting.server.users.get('invoices-key')).toBe('second-secret');
    expect(lasting.server.mappings.get('invoices-key')).toEqual(['own']);
  });

  it.each([
    '50-no-creds-secret',
    '51-nothing-to-provision',
    '52-image-latest',
    '53-image-too-old',
    '55-name-not-dns1035',
  ])('%s', async recording => {
    const fresh = new Bench();
    fresh.secrets.set('root', bench.secrets.get('root')!);
    const tenant = recorded(recording);
    const expected = tenantStatusSchema.parse(tenant.status);
    expect(gist(await fresh.run(tenant))).toMatchObject({
      ...gist(expected),
      conditions: expect.arrayContaining(gist(expected).conditions.slice(0, 3)),
    });
  });

  it('does not take over the user of a Tenant that was deleted and made again', async () => {
    const again = new Bench();
    again.secrets.set('root', bench.secrets.get('root')!);
    again.secret('u-creds', {
      accesskey: 'user-access',
      secretkey: 'u-secret-1',
    });
    again.server.users.set('user-access', 'u-secret-1');
    const tenant = recorded('61-tenant-recreated');
    expect(gist(await again.run(tenant))).toEqual(
      gist(tenantStatusSchema.parse(tenant.status)),
    );
  });
});

describe('the hash of a policy', () => {
  it.each([
    [
      'sha256:7343065f63c0556e771f1885ce2d2913a4768f9d1f4eecdc4cd7c6722b2c467f',
      policyOf([...READ].reverse()),
    ],
    [
      'sha256:aecf435ca33c7dd8c7d9f9865acc51bd91da1d836476b7f80f65c92c4896498b',
      policyOf(WRITE),
    ],
    [
      'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a',
      {},
    ],
  ])('is %s as recorded, whatever the order', (hash, document) => {
    expect(policyHash(document)).toBe(hash);
  });

  it('leaves out what says nothing', () => {
    expect(
      policyHash({
        ID: '',
        ...policyOf(READ),
        Statement: [{ Sid: '', Condition: {}, ...policyOf(READ).Statement[0] }],
      }),
    ).toBe(policyHash(policyOf(READ)));
  });
});
