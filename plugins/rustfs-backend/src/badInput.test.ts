/* eslint jest/expect-expect: ["error", { "assertFunctionNames": ["expect", "expectRefused", "withRules"] }] */
import { TestDatabases } from '@backstage/backend-test-utils';
import { AccessMode } from '@rustfs-portal/plugin-rustfs-node';
import { ForgeCall, smallWorld, WorldDefinition } from '@rustfs-portal/sandbox';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';

jest.setTimeout(240_000);

const [atlas] = smallWorld.clusters;
const [apps] = atlas.tenants;

/** Two tenants, and a neighbour with a bucket and an access. */
const world: WorldDefinition = {
  ...smallWorld,
  clusters: [
    {
      ...atlas,
      tenants: [
        {
          ...apps,
          buckets: [
            ...apps.buckets,
            {
              name: 'media-raw',
              owner: 'group:default/media',
              entity: 'component:default/media',
              purpose: 'Pictures',
              dataClass: 'internal',
            },
          ],
          accesses: [
            {
              name: 'media-writer',
              owner: 'group:default/media',
              entity: 'component:default/media',
              purpose: 'Pictures',
              buckets: ['media-raw'],
              mode: 'read-write',
              consumer: {
                namespace: 'checkout',
                secret: 'media-s3',
                form: 'aws',
              },
              createdAt: '2026-11-01T08:00:00.000Z',
            },
          ],
        },
        { ...apps, name: 'logs', title: 'Logs', buckets: [], accesses: [] },
        {
          ...apps,
          name: 'other',
          title: 'Other',
          accesses: [],
          buckets: [{ name: 'checkout-elsewhere', record: false }],
        },
      ],
    },
  ],
};

/** A mode of the platform team whose policy is longer than a server takes. */
const everything: AccessMode = {
  id: 'everything',
  title: 'Everything',
  description: 'All that there is',
  actions: {
    bucket: [],
    object: Array.from(
      { length: 400 },
      (_, index) =>
        `s3:GetObject${'ABCDEFGHIJ'[index % 10].repeat(20)}${
          'KLMNOPQRST'[Math.floor(index / 10) % 10]
        }${'UVWXYZabcd'[Math.floor(index / 100)]}`,
    ),
  },
};

const asked = {
  kind: 'access-create',
  entityRef: ENTITY,
  tenant: TENANT,
  access: 'invoices-reader',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read',
  consumer: { namespace: 'checkout', secret: 'invoices-s3' },
  purpose: 'Invoices as PDF',
};

describe('input that cannot be', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let portal: AccessWorld;
  const written: string[] = [];

  beforeAll(async () => {
    portal = await AccessWorld.start({
      databases,
      world,
      config: {
        accessModes: [everything],
        guardrails: [
          {
            owners: ['group:default/checkout'],
            allow: true,
            accessModes: ['read', 'write', 'read-write', 'everything'],
            namespaces: ['checkout', 'checkout-*'],
            maxQuota: '100Gi',
          },
          { owners: ['*'], allow: false },
        ],
        requests: {
          followInterval: { hours: 1 },
          limits: { requestsPerHour: 1_000, previewsPerMinute: 1_000 },
        },
      },
    });
    portal.sandbox.forge.faults.set({ hangUp: note });
  });

  afterAll(() => portal?.stop());

  /** Lets all calls pass, and keeps those that write. */
  function note({ method, path }: ForgeCall): undefined {
    if (
      path.startsWith('/api/v1') &&
      method !== 'GET' &&
      !path.endsWith('/file-contents')
    ) {
      written.push(`${method} ${path}`);
    }
  }

  async function ledger(): Promise<unknown> {
    return Promise.all(
      ['requests', 'request_events', 'request_claims', 'request_secrets'].map(
        table => portal.database(table),
      ),
    );
  }

  /** Both doors say it, and neither writes anything. */
  async function expectRefused(
    body: object,
    refusal: { field: string; words: RegExp; status?: number },
  ) {
    const { field, status = 400, words } = refusal;
    const before = await ledger();
    written.length = 0;
    for (const path of ['/requests/preview', '/requests']) {
      const response = await portal.post(path, body, `${Math.random()}`);
      const { issues = [], message } = response.body.error ?? {};
      expect([path, response.status, message]).toEqual([
        path,
        status,
        expect.stringMatching(words),
      ]);
      if (issues.length) {
        expect(issues).toEqual(
          expect.arrayContaining([
            { field, message: expect.stringMatching(words) },
          ]),
        );
      } else {
        expect(message).toMatch(new RegExp(`\\b${field}\\b`));
      }
    }
    expect(written).toEqual([]);
    expect(await ledger()).toEqual(before);
  }

  it.each<[string, object, string, RegExp]>([
    [
      'an unknown bucket',
      { scope: { type: 'buckets', buckets: ['checkout-nowhere'] } },
      'scope',
      /no bucket checkout-nowhere on atlas\/storage\/apps; choose one that is there/,
    ],
    [
      'a bucket of another tenant',
      { scope: { type: 'buckets', buckets: ['checkout-elsewhere'] } },
      'scope',
      /no bucket checkout-elsewhere on atlas\/storage\/apps/,
    ],
    [
      'a pattern that takes in buckets of others',
      { scope: { type: 'pattern', pattern: 'media-*' } },
      'scope',
      /media-\* are not group:default\/checkout's alone/,
    ],
    [
      'a namespace that the guardrails do not give',
      { consumer: { namespace: 'kube-system', secret: 'invoices-s3' } },
      'consumer.namespace',
      /Secrets in checkout, checkout-\*, not in kube-system/,
    ],
    [
      'a Secret that is the one of another owner',
      { consumer: { namespace: 'checkout', secret: 'media-s3' } },
      'consumer.secret',
      /Secret media-s3 in checkout already; choose another name/,
    ],
    [
      'a form that is not there',
      { consumer: { ...asked.consumer, form: 'nomad' } },
      'consumer.form',
      /no form nomad here; choose one of aws, /,
    ],
    [
      'a mode that nobody offers',
      { mode: 'admin' },
      'mode',
      /admin cannot be asked for on .*; choose one of read, write, read-write/,
    ],
    [
      'a policy longer than the server takes',
      { mode: 'everything' },
      'scope',
      /policy would be \d+ bytes long, and may be \d+; name fewer buckets/,
    ],
    [
      'a name of an access that cannot be',
      { access: 'Invoices Reader' },
      'access',
      /for example invoices-writer/,
    ],
    [
      'a prefix without a slash',
      { scope: { type: 'prefix', bucket: 'checkout-invoices', prefix: 'a' } },
      'scope.prefix',
      /ends with a slash.*for example team-a\//,
    ],
    [
      'a new bucket that the access does not reach',
      { newBuckets: [{ bucket: 'checkout-drafts', dataClass: 'internal' }] },
      'newBuckets.0.bucket',
      /does not reach checkout-drafts; add it/,
    ],
    [
      'the end of an access that is not there',
      {
        kind: 'access-revoke',
        scope: undefined,
        mode: undefined,
        consumer: undefined,
      },
      'access',
      /invoices-reader/,
    ],
    [
      'the end of an access of others',
      {
        kind: 'access-revoke',
        access: 'media-writer',
        scope: undefined,
        mode: undefined,
        consumer: undefined,
      },
      'access',
      /media-writer/,
    ],
  ])('%s', async (_, change, field, words) => {
    await expectRefused({ ...asked, ...change }, { field, words });
  });

  it('an access that is there', async () => {
    await expectRefused(
      { ...asked, access: 'media-writer' },
      {
        status: 409,
        field: 'access',
        words: /access media-writer on .* already; choose another name/,
      },
    );
  });

  it('a kind that is not there', async () => {
    await expectRefused(
      { ...asked, kind: 'access-steal' },
      { field: 'kind', words: /access-create/ },
    );
  });

  describe('in the repository', () => {
    const RULES = '.sops.yaml';

    async function withRules(
      edit: (rules: string) => string,
      test: () => Promise<void>,
    ) {
      const before = (await portal.readFile(RULES))!;
      await portal.commit(RULES, edit);
      try {
        await test();
      } finally {
        await portal.commit(RULES, () => before);
      }
    }

    it('no rule for the Secret', () =>
      withRules(
        () => 'creation_rules: []\n',
        () =>
          expectRefused(asked, {
            field: 'tenant',
            words: /\.sops\.yaml/,
          }),
      ));

    it('a recipient that is none', () =>
      withRules(
        rules => rules.replace(/age1[a-z0-9]+/g, 'age1hunter'),
        () =>
          expectRefused(asked, {
            field: 'tenant',
            words: /age1hunter/,
          }),
      ));

    it('a Secret of that name that somebody has written by hand', async () => {
      const { body } = await portal.forge<{ status: number }>(
        'POST',
        '/contents',
        {
          branch: 'main',
          message: 'By hand',
          files: [
            {
              operation: 'create',
              path: (await pathOfSecret()) ?? '',
              content: Buffer.from(
                'apiVersion: v1\nkind: Secret\nmetadata:\n  name: invoices-s3\n  namespace: checkout\n',
              ).toString('base64'),
            },
          ],
        },
      );
      expect(body).toBeDefined();
      await expectRefused(asked, {
        status: 409,
        field: 'consumer.secret',
        words: /invoices-s3/,
      });
    });

    async function pathOfSecret(): Promise<string | undefined> {
      const { body } = await portal.post('/requests/preview', asked, 'paths');
      return body.files
        .map(({ path }: { path: string }) => path)
        .find((path: string) => path.includes('invoices-s3'));
    }
  });

  describe('when somebody asks for the same', () => {
    const drafts = {
      ...asked,
      access: 'drafts-writer',
      mode: 'read-write',
      scope: { type: 'buckets', buckets: ['checkout-drafts'] },
      newBuckets: [
        { bucket: 'checkout-drafts', quota: '1Gi', dataClass: 'internal' },
      ],
      consumer: { namespace: 'checkout', secret: 'drafts-s3' },
    };

    beforeAll(async () => {
      await portal.ask('access-create', drafts);
    });

    it.each<[string, object, string, RegExp]>([
      [
        'the access',
        {
          ...asked,
          access: 'drafts-writer',
          consumer: { namespace: 'checkout', secret: 'more-s3' },
        },
        'access',
        /open request for access drafts-writer on .*: wait for it/,
      ],
      [
        'the new bucket',
        {
          ...drafts,
          access: 'drafts-reader',
          consumer: { namespace: 'checkout', secret: 'more-s3' },
        },
        'newBuckets.0.bucket',
        /open request for bucket checkout-drafts on .*: wait for it/,
      ],
      [
        'the Secret',
        {
          ...asked,
          access: 'drafts-reader',
          consumer: { namespace: 'checkout', secret: 'drafts-s3' },
        },
        'consumer.secret',
        /open request for Secret drafts-s3 in namespace checkout of .*: wait for it/,
      ],
    ])('%s', async (_, body, field, words) => {
      await expectRefused(body, { status: 409, field, words });
    });

    it('takes one of two that come at once', async () => {
      const body = {
        ...asked,
        access: 'twice-reader',
        consumer: { namespace: 'checkout', secret: 'twice-s3' },
      };
      const answers = await Promise.all(
        ['a', 'b', 'c'].map(key => portal.post('/requests', body, key)),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([
        201, 409, 409,
      ]);
    });
  });

  it('a Tenant that is full', async () => {
    await portal.patchTenant('logs', {
      metadata: {
        annotations: { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' },
      },
      spec: {
        users: Array.from({ length: 256 }, (_, index) => ({
          name: `user-${index}`,
          credsSecret: { name: `nowhere-${index}` },
          policies: ['readonly'],
        })),
      },
    });
    await expectRefused(
      {
        ...asked,
        tenant: 'atlas/storage/logs',
        scope: { type: 'buckets', buckets: ['checkout-new'] },
        newBuckets: [
          { bucket: 'checkout-new', quota: '1Gi', dataClass: 'internal' },
        ],
      },
      {
        field: 'tenant',
        words: /logs has 256 users, and takes at most 256: end an access/,
      },
    );
  });
});
