import { createServer, RequestListener, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { AuthenticationError, ResponseError } from '@backstage/errors';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import {
  BucketRequestInput,
  bucketRequestSchema,
  PortalLinks,
  RequestPreview,
  RustfsApiClient,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';
import { createBucketRequestAction } from './bucketRequest';
import { examples } from './bucketRequest.examples';

const input: BucketRequestInput = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-invoices',
  quota: '50Gi',
  purpose: 'Invoices as PDF',
  dataClass: 'confidential',
};

const created: StorageRequest = {
  id: 'a1',
  kind: 'bucket-create',
  subject: {
    type: 'bucket',
    tenant: 'atlas/storage/apps',
    name: 'checkout-invoices',
  },
  stage: 1,
  stages: 1,
  input: bucketRequestSchema.parse(input),
  entityRef: input.entityRef,
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
};

const preview: RequestPreview = {
  repository: 'https://git.acme.org/acme/atlas.git',
  branch: 'rustfs/a1',
  baseBranch: 'main',
  title: 'Add bucket checkout-invoices',
  body: '',
  files: [{ path: 'tenant.yaml', operation: 'update', diff: '+ a line' }],
  reviewers: [],
  approvers: [],
  guardrails: [],
};

function setup(overrides: Partial<StorageRequest> = {}) {
  const rustfs = {
    createRequest: jest.fn(async () => ({ ...created, ...overrides })),
    previewRequest: jest.fn(async () => preview),
  };
  const action = createBucketRequestAction({
    auth: mockServices.auth(),
    links: PortalLinks.fromConfig(
      mockServices.rootConfig({
        data: { rustfs: { portal: { path: '/storage' } } },
      }),
    ),
    rustfs,
  });
  const context = createMockActionContext<any, any>({
    input,
    task: { id: 'task-1' },
  });
  return {
    rustfs,
    action,
    context: {
      ...context,
      step: { id: 'bucket' },
      getInitiatorCredentials: async () =>
        mockCredentials.user('user:default/ada'),
    },
  };
}

describe('rustfs:bucket:request', () => {
  it('asks as the person who started the task', async () => {
    const { action, context, rustfs } = setup();
    await action.handler(context);

    expect(rustfs.createRequest).toHaveBeenCalledWith(
      input,
      expect.objectContaining({ key: expect.stringMatching(/^task-1:/) }),
    );
    const [[, { token }]] = rustfs.createRequest.mock.calls as any;
    await expect(
      mockServices.auth({ pluginId: 'rustfs' }).authenticate(token),
    ).resolves.toMatchObject({
      principal: { type: 'user', userEntityRef: 'user:default/ada' },
    });
    expect(
      Object.fromEntries((context.output as jest.Mock).mock.calls),
    ).toEqual({
      requestId: 'a1',
      requestUrl: '/storage/requests/a1',
      entityRef: 'component:default/invoices',
      pullRequestUrl: 'https://git.acme.org/acme/atlas/pulls/12',
      pullRequestNumber: 12,
    });
  });

  it('succeeds without a pull request while the forge is down, and says that the portal goes on', async () => {
    const { action, context } = setup({
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
    expect(context.output).not.toHaveBeenCalledWith(
      'pullRequestUrl',
      expect.anything(),
    );
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining('The forge does not answer'),
    );
  });

  it('has one key for what a step of a task asks for, and another for anything else', async () => {
    const { action, context, rustfs } = setup();
    const keyOf = async (
      changes: Partial<typeof input>,
      step: string = 'bucket',
    ) => {
      rustfs.createRequest.mockClear();
      await action.handler({
        ...context,
        step: { id: step } as typeof context.step,
        input: { ...input, ...changes },
      });
      const [[request, { key }]] = rustfs.createRequest.mock.calls as any;
      expect(request).toMatchObject(changes);
      // What a header takes and the backend accepts.
      expect(key).toMatch(/^[\x21-\x7e]{1,200}$/);
      return key;
    };
    const key = await keyOf({});
    expect(await keyOf({})).toBe(key);
    // A step with `each` runs more than once; what is wrong with a name is for the backend to say.
    const others = [
      await keyOf({ bucket: 'ein Büro\n☃\ud800' }),
      await keyOf({ bucket: 'b'.repeat(300) }),
      await keyOf({ tenant: 'borealis/storage/apps' }),
      await keyOf({}, 'my other step'),
    ];
    expect(new Set([key, ...others]).size).toBe(5);
  });

  it('does not promise that the portal goes on with a request that has failed', async () => {
    const { action, context } = setup({
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

  it('shows the pull request in a dry run and asks for nothing', async () => {
    const { action, context, rustfs } = setup();
    const info = jest.spyOn(context.logger, 'info');
    await action.handler({ ...context, isDryRun: true });

    expect(rustfs.createRequest).not.toHaveBeenCalled();
    expect(info).toHaveBeenCalledWith(expect.stringContaining('+ a line'));
  });

  it.each([
    [403, 'NotAllowedError', 'rustfs.bucket.request is missing'],
    [404, 'NotFoundError', 'No entity component:default/invoices'],
    [400, 'InputError', 'bucket: must begin with checkout-'],
    [429, 'ServiceUnavailableError', 'Asked too often: try again in 3 seconds'],
  ])(
    'ends with the words of the backend on %i',
    async (status, name, message) => {
      const { action, context, rustfs } = setup();
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
    },
  );

  it.each([false, true])(
    'calls nothing for a task without a person (dry run: %s)',
    async isDryRun => {
      const { action, context, rustfs } = setup();
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
    const { action, context, rustfs } = setup();
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
    ])('a backend that %s', async (_, behaviour, words) => {
      answer = behaviour;
      const { port } = server.address() as AddressInfo;
      const action = createBucketRequestAction({
        auth: mockServices.auth(),
        links: PortalLinks.fromConfig(mockServices.rootConfig({ data: {} })),
        rustfs: new RustfsApiClient({
          discoveryApi: { getBaseUrl: async () => `http://127.0.0.1:${port}` },
          fetchApi: { fetch },
        }),
        timeoutMs: 500,
      });
      const { context } = setup();
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

    it('a task that is cancelled ends as cancelled', async () => {
      const { action, context, rustfs } = setup();
      rustfs.createRequest.mockImplementation((async (
        _: unknown,
        { signal }: { signal: AbortSignal },
      ) => signal.throwIfAborted()) as any);
      await expect(
        action.handler({ ...context, signal: AbortSignal.abort() }),
      ).rejects.toMatchObject({ name: 'AbortError' });
    });
  });

  it.each(examples.map(({ description, example }) => [description, example]))(
    'has an example that runs: %s',
    async (_, example) => {
      const { action, context, rustfs } = setup();
      const [step] = parse(example).steps;
      expect(step.action).toBe(action.id);
      bucketRequestSchema.parse(step.input);
      await action.handler({ ...context, input: step.input });
      expect(rustfs.createRequest).toHaveBeenCalledTimes(1);
    },
  );
});
