import { createServer, RequestListener, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthenticationError, ResponseError } from '@backstage/errors';
import { TemplateAction } from '@backstage/plugin-scaffolder-node';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import {
  AccessRequestInput,
  accessCreateSchema,
  accessRevokeSchema,
  bucketChangeSchema,
  bucketRequestSchema,
  PortalLinks,
  RequestPreview,
  RustfsApiClient,
  SentRequest,
  setupEnableSchema,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';
import {
  createAccessCreateAction,
  createAccessRevokeAction,
  createBucketChangeAction,
  createBucketCreateAction,
  createSetupEnableAction,
} from '.';
import { RequestActionOptions } from './requestStep';

const about = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  purpose: 'Invoices as PDF',
};
const access: AccessRequestInput = {
  ...about,
  access: 'invoices-writer',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  newBuckets: [{ bucket: 'checkout-invoices', dataClass: 'internal' }],
  mode: 'read-write',
  consumer: { namespace: 'checkout', secret: 'invoices-s3' },
};

interface Case {
  id: string;
  create: (options: RequestActionOptions) => TemplateAction<any, any, any>;
  asked: SentRequest;
  /** What the backend parses its input with. */
  schema: { parse(input: unknown): unknown };
  /** Other things to ask for, which another `each` of the step would. */
  others: object[];
}

const CASES: Case[] = [
  {
    id: 'rustfs:bucket:create',
    create: createBucketCreateAction,
    asked: {
      kind: 'bucket-create',
      input: {
        ...about,
        bucket: 'checkout-invoices',
        quota: '50Gi',
        dataClass: 'confidential',
      },
    },
    schema: bucketRequestSchema,
    // What is wrong with a name is for the backend to say.
    others: [{ bucket: 'ein Büro\n☃\ud800' }, { bucket: 'b'.repeat(300) }],
  },
  {
    id: 'rustfs:bucket:change',
    create: createBucketChangeAction,
    asked: {
      kind: 'bucket-change',
      input: { ...about, bucket: 'checkout-invoices', quota: '100Gi' },
    },
    schema: bucketChangeSchema,
    others: [{ bucket: 'checkout-exports' }],
  },
  {
    id: 'rustfs:access:create',
    create: createAccessCreateAction,
    asked: { kind: 'access-create', input: access },
    schema: accessCreateSchema,
    others: [{ access: 'invoices-reader' }],
  },
  {
    id: 'rustfs:access:revoke',
    create: createAccessRevokeAction,
    asked: {
      kind: 'access-revoke',
      input: { ...about, access: 'invoices-writer' },
    },
    schema: accessRevokeSchema,
    others: [{ access: 'invoices-reader' }],
  },
  {
    id: 'rustfs:setup:enable',
    create: createSetupEnableAction,
    asked: {
      kind: 'setup-enable',
      input: {
        ...about,
        folder: undefined,
        endpoint: undefined,
        key: {
          secret: 'rustfs-setup-key',
          accessKey: undefined,
          secretKey: undefined,
        },
        network: 'NetworkPolicy',
      },
    },
    schema: setupEnableSchema,
    others: [{ tenant: 'atlas/storage/media' }],
  },
];

const preview: RequestPreview = {
  repository: 'https://git.acme.org/acme/atlas.git',
  branch: 'rustfs/a1',
  baseBranch: 'main',
  title: 'Give invoices-writer access',
  body: '',
  files: [{ path: 'tenant.yaml', operation: 'update', diff: '+ a line' }],
  reviewers: [],
  guardrails: [],
  approvers: [{ owner: 'group:default/insights', buckets: ['reports'] }],
};

function setup(
  { asked, create }: Case,
  overrides: Partial<StorageRequest> = {},
) {
  const created: StorageRequest = {
    id: 'a1',
    kind: asked.kind,
    subject: { type: 'bucket', tenant: about.tenant, name: 'some' },
    input: about,
    stage: 1,
    stages: 1,
    entityRef: about.entityRef,
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    state: 'proposed',
    pullRequest: {
      number: 12,
      url: 'https://git.acme.org/acme/atlas/pulls/12',
      state: 'open',
      reviewers: [],
    },
    trail: [],
    problems: [],
    ...overrides,
  };
  const rustfs = {
    createRequest: jest.fn(async () => created),
    previewRequest: jest.fn(async () => preview),
  };
  const action = create({
    auth: mockServices.auth(),
    links: PortalLinks.fromConfig(
      mockServices.rootConfig({
        data: { rustfs: { portal: { path: '/storage' } } },
      }),
    ),
    rustfs,
  });
  const context = {
    ...createMockActionContext<any, any>({
      input: asked.input,
      task: { id: 'task-1' },
    }),
    step: { id: 'storage' } as any,
    getInitiatorCredentials: async () =>
      mockCredentials.user('user:default/ada'),
  };
  const checkpoint = jest.spyOn(context, 'checkpoint');
  return { rustfs, action, context, checkpoint };
}

async function expectAda({ token }: { token: string }) {
  await expect(
    mockServices.auth({ pluginId: 'rustfs' }).authenticate(token),
  ).resolves.toMatchObject({
    principal: { type: 'user', userEntityRef: 'user:default/ada' },
  });
}

describe.each(CASES)('$id', testCase => {
  const { asked, id, others, schema } = testCase;

  it('asks as the person who started the task, for what the backend understands', async () => {
    const { action, checkpoint, context, rustfs } = setup(testCase);
    await action.handler(context);

    expect(action.id).toBe(id);
    schema.parse(asked.input);
    expect(rustfs.createRequest).toHaveBeenCalledWith(
      { kind: asked.kind, ...asked.input },
      expect.objectContaining({ key: expect.stringMatching(/^task-1:/) }),
    );
    const [[, call]] = rustfs.createRequest.mock.calls as any;
    await expectAda(call);
    expect(
      Object.fromEntries((context.output as jest.Mock).mock.calls),
    ).toEqual({
      requestId: 'a1',
      requestUrl: '/storage/requests/a1',
      entityRef: about.entityRef,
      state: 'proposed',
      pullRequestUrl: 'https://git.acme.org/acme/atlas/pulls/12',
      pullRequestNumber: 12,
    });
    // Whatever a checkpoint holds is kept with the task.
    expect(checkpoint).not.toHaveBeenCalled();
  });

  it('succeeds without a pull request while the forge is down, and says that the portal goes on', async () => {
    const { action, context } = setup(testCase, {
      state: 'submitting',
      pullRequest: undefined,
      problems: [
        {
          code: 'forge-unreachable',
          part: 'https://git.acme.org',
          message: 'The forge does not answer',
        },
      ],
    });
    const warn = jest.spyOn(context.logger, 'warn');
    await action.handler(context);

    expect(context.output).toHaveBeenCalledWith('requestId', 'a1');
    expect(context.output).toHaveBeenCalledWith('state', 'submitting');
    expect(context.output).not.toHaveBeenCalledWith(
      'pullRequestUrl',
      expect.anything(),
    );
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('The forge does not answer'),
    );
  });

  it('has one key for what a step of a task asks for, and another for anything else', async () => {
    const { action, context, rustfs } = setup(testCase);
    const keyOf = async (changes: object, step: string = 'storage') => {
      rustfs.createRequest.mockClear();
      await action.handler({
        ...context,
        step: { id: step } as typeof context.step,
        input: { ...asked.input, ...changes },
      });
      const [[request, { key }]] = rustfs.createRequest.mock.calls as any;
      expect(request).toMatchObject(changes);
      // What a header takes and the backend accepts.
      expect(key).toMatch(/^[\x21-\x7e]{1,200}$/);
      return key;
    };
    const key = await keyOf({});
    expect(await keyOf({})).toBe(key);
    const keys = [key, await keyOf({}, 'my other step')];
    // A step with `each` runs more than once.
    for (const changes of [{ tenant: 'borealis/storage/apps' }, ...others]) {
      keys.push(await keyOf(changes));
    }
    expect(new Set(keys).size).toBe(others.length + 3);
  });

  it('does not promise that the portal goes on with a request that has failed', async () => {
    const { action, context } = setup(testCase, {
      state: 'failed',
      pullRequest: undefined,
      failure: {
        source: 'portal',
        reason: 'Refused',
        message: 'Bucket checkout-invoices is declared already',
        hint: 'Ask again with other values.',
      },
    });
    await expect(action.handler(context)).rejects.toThrow(
      'Bucket checkout-invoices is declared already. Ask again with other values.',
    );
  });

  it('shows the pull request and who has to approve in a dry run, as that person, and asks for nothing', async () => {
    const { action, context, rustfs } = setup(testCase);
    const info = jest.spyOn(context.logger, 'info');
    await action.handler({ ...context, isDryRun: true });

    expect(rustfs.createRequest).not.toHaveBeenCalled();
    expect(rustfs.previewRequest).toHaveBeenCalledWith(
      { kind: asked.kind, ...asked.input },
      expect.anything(),
    );
    const [[, call]] = rustfs.previewRequest.mock.calls as any;
    await expectAda(call);
    const log = info.mock.calls.join('\n');
    expect(log).toContain('+ a line');
    expect(log).toContain('group:default/insights would have to approve');
  });

  it.each([
    [403, 'NotAllowedError', 'You need the permission rustfs.bucket.request'],
    [404, 'NotFoundError', 'No entity component:default/invoices'],
    [400, 'InputError', 'bucket: must begin with checkout-'],
    [409, 'ConflictError', 'There is an open request for it already'],
    [429, 'ServiceUnavailableError', 'Asked too often: try again in 3 seconds'],
  ])(
    'ends with the words of the backend on %i, and calls nothing else',
    async (status, name, message) => {
      const { action, context, rustfs } = setup(testCase);
      rustfs.createRequest.mockRejectedValue(
        await ResponseError.fromResponse(
          Response.json(
            { error: { name, message }, response: { statusCode: status } },
            { status },
          ) as any,
        ),
      );

      await expect(action.handler(context)).rejects.toMatchObject({
        name,
        message,
      });
      expect(context.output).not.toHaveBeenCalled();
      expect(rustfs.createRequest).toHaveBeenCalledTimes(1);
      expect(rustfs.previewRequest).not.toHaveBeenCalled();
    },
  );

  it.each([
    [400, 'InputError'],
    [409, 'ConflictError'],
  ])(
    'says on %i what is wrong under the titles of the form, without the names of its fields',
    async (status, name) => {
      const { action, context, rustfs } = setup(testCase);
      rustfs.createRequest.mockRejectedValue(
        await ResponseError.fromResponse(
          Response.json(
            {
              error: {
                name,
                message: 'consumer.secret: it is there already',
                issues: [
                  { field: 'consumer.secret', message: 'It is there already' },
                  { field: 'quota', message: 'At most 100 GiB' },
                ],
              },
              response: { statusCode: status },
            },
            { status },
          ) as any,
        ),
      );
      await expect(action.handler(context)).rejects.toMatchObject({
        name,
        message:
          'Name of the Secret: It is there already; Quota: At most 100 GiB',
      });
    },
  );

  it.each([false, true])(
    'calls nothing for a task without a person (dry run: %s)',
    async isDryRun => {
      const { action, context, rustfs } = setup(testCase);
      await expect(
        action.handler({
          ...context,
          isDryRun,
          getInitiatorCredentials: async () => {
            throw new AuthenticationError('The token of the task has expired');
          },
        }),
      ).rejects.toThrow('The token of the task has expired');
      expect(rustfs.createRequest).not.toHaveBeenCalled();
      expect(rustfs.previewRequest).not.toHaveBeenCalled();
      expect(context.output).not.toHaveBeenCalled();
    },
  );

  it('ends a dry run with the words of a refusal, and asks for nothing', async () => {
    const { action, context, rustfs } = setup(testCase);
    const message = 'You need the permission rustfs.bucket.request';
    rustfs.previewRequest.mockRejectedValue(
      await ResponseError.fromResponse(
        Response.json(
          {
            error: { name: 'NotAllowedError', message },
            response: { statusCode: 403 },
          },
          { status: 403 },
        ) as any,
      ),
    );
    await expect(
      action.handler({ ...context, isDryRun: true }),
    ).rejects.toMatchObject({ name: 'NotAllowedError', message });
    expect(rustfs.createRequest).not.toHaveBeenCalled();
    expect(context.output).not.toHaveBeenCalled();
  });

  it('ends as cancelled when the task is cancelled', async () => {
    const { action, context, rustfs } = setup(testCase);
    rustfs.createRequest.mockImplementation((async (
      _: unknown,
      { signal }: { signal: AbortSignal },
    ) => signal.throwIfAborted()) as any);
    await expect(
      action.handler({ ...context, signal: AbortSignal.abort() }),
    ).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('has examples that run', async () => {
    const { action, context, rustfs } = setup(testCase);
    expect(action.examples?.length).toBeGreaterThan(0);
    for (const { example } of action.examples ?? []) {
      rustfs.createRequest.mockClear();
      const [step] = parse(example).steps;
      expect(step.action).toBe(action.id);
      schema.parse(step.input);
      await action.handler({ ...context, input: step.input });
      expect(rustfs.createRequest).toHaveBeenCalledTimes(1);
    }
  });
});

it('takes fields of a form that were emptied again for left out', async () => {
  const create = setup(CASES[2]);
  await create.action.handler({
    ...create.context,
    input: {
      ...access,
      mode: '',
      newBuckets: [{ ...access.newBuckets![0], quota: '' }],
      consumer: { ...access.consumer, cluster: '', form: '' },
    },
  });
  const [[{ kind: _, ...input }]] = create.rustfs.createRequest.mock
    .calls as any;
  expect(accessCreateSchema.parse(input)).toMatchObject({
    mode: 'read-write',
    consumer: { form: 'aws' },
  });
});

describe('over the network', () => {
  let server: Server;
  let answer: RequestListener;

  beforeAll(async () => {
    server = createServer((req, res) => answer(req, res));
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const page =
    (status: number, headers = {}): RequestListener =>
    (_, res) => {
      res.writeHead(status, { 'content-type': 'text/html', ...headers });
      res.end('<html>hunter2 at /opt/nginx');
    };

  it.each<[string, RequestListener, RegExp]>([
    [
      'hangs up',
      (_, res) => res.destroy(),
      /^The RustFS backend does not answer: it closed the connection\. Run/,
    ],
    [
      'is silent',
      () => {},
      /^The RustFS backend does not answer: nothing came within 0.5 s\. Run/,
    ],
    [
      'is behind a gateway that fails',
      page(502),
      /^The RustFS backend cannot answer \(HTTP 502\): run the step again/,
    ],
    [
      'is not there',
      page(404),
      /^The RustFS backend cannot answer \(HTTP 404\)/,
    ],
    [
      'fails, with an id',
      page(500, { 'x-request-id': '6a1e' }),
      /^The RustFS backend cannot answer \(HTTP 500\): .* request 6a1e$/,
    ],
    [
      'is behind a page',
      page(200),
      /^What answers in place of the RustFS backend/,
    ],
  ])('a backend that %s', async (how, behaviour, words) => {
    answer = behaviour;
    const { port } = server.address() as AddressInfo;
    const action = createBucketCreateAction({
      auth: mockServices.auth(),
      links: PortalLinks.fromConfig(mockServices.rootConfig({ data: {} })),
      rustfs: new RustfsApiClient({
        discoveryApi: { getBaseUrl: async () => `http://127.0.0.1:${port}` },
        fetchApi: { fetch },
      }),
      // A busy machine may need longer to hear an answer that comes at once.
      timeoutMs: how === 'is silent' ? 500 : 30_000,
    });
    const { context } = setup(CASES[0]);
    for (const isDryRun of [false, true]) {
      const error = await Promise.resolve(
        action.handler({ ...context, isDryRun }),
      ).catch(thrown => thrown);
      expect(error).toMatchObject({
        name: 'ServiceUnavailableError',
        message: expect.stringMatching(words),
      });
      expect(error.message).not.toMatch(/hunter2|127\.0\.0\.1|\/opt/);
    }
  });
});
