import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { ResponseError } from '@backstage/errors';
import { createMockActionContext } from '@backstage/plugin-scaffolder-node-test-utils';
import {
  PortalLinks,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { createRequestWaitAction } from '.';

const proposed = {
  id: 'a1',
  entityRef: 'component:default/invoices',
  stage: 1,
  stages: 1,
  state: 'proposed',
  waitingFor: 'A review by carla',
  pullRequest: { number: 12, url: 'https://git.acme.org/acme/atlas/pulls/12' },
  problems: [],
} as unknown as StorageRequest;

async function answerOf(status: number, name: string, message: string) {
  return ResponseError.fromResponse(
    Response.json(
      { error: { name, message }, response: { statusCode: status } },
      { status },
    ) as any,
  );
}

function setup(input: object = {}) {
  const rustfs = { getRequest: jest.fn<Promise<StorageRequest>, any[]>() };
  const action = createRequestWaitAction({
    auth: mockServices.auth(),
    links: PortalLinks.fromConfig(mockServices.rootConfig()),
    rustfs,
    pollMs: 5,
  });
  const context = {
    ...createMockActionContext<any, any>({
      input: { requestId: 'a1', ...input },
    }),
    getInitiatorCredentials: async () =>
      mockCredentials.user('user:default/ada'),
  };
  const info = jest.spyOn(context.logger, 'info');
  return {
    action,
    context,
    rustfs,
    log: () => info.mock.calls.map(([text]) => text),
    outputs: () => Object.fromEntries((context.output as jest.Mock).mock.calls),
  };
}

describe('rustfs:request:wait', () => {
  it('looks as the person who started the task until the request is ready, and says each step once', async () => {
    const { action, context, log, outputs, rustfs } = setup();
    rustfs.getRequest
      .mockResolvedValueOnce(proposed)
      .mockResolvedValueOnce(proposed)
      .mockResolvedValueOnce({
        ...proposed,
        state: 'applied',
        waitingFor: 'The operator',
      })
      .mockResolvedValueOnce({
        ...proposed,
        state: 'ready',
        waitingFor: undefined,
      });
    await action.handler(context);

    expect(log()).toEqual([
      'proposed; waiting for: A review by carla',
      'applied; waiting for: The operator',
      'ready',
    ]);
    expect(outputs()).toEqual({
      requestId: 'a1',
      requestUrl: '/rustfs/requests/a1',
      entityRef: 'component:default/invoices',
      state: 'ready',
      pullRequestUrl: 'https://git.acme.org/acme/atlas/pulls/12',
      pullRequestNumber: 12,
    });
    const [id, { token }] = rustfs.getRequest.mock.calls[0];
    expect(id).toBe('a1');
    await expect(
      mockServices.auth({ pluginId: 'rustfs' }).authenticate(token),
    ).resolves.toMatchObject({
      principal: { type: 'user', userEntityRef: 'user:default/ada' },
    });
  });

  it.each<[Partial<StorageRequest>, string]>([
    [
      {
        state: 'failed',
        failure: {
          source: 'operator',
          reason: 'BucketCreateFailed',
          message: 'The operator could not make the bucket',
          hint: 'Ask the platform team.',
        },
      },
      'The operator could not make the bucket. Ask the platform team.',
    ],
    [{ state: 'closed' }, 'The request was closed'],
    [{ state: 'withdrawn' }, 'The request was withdrawn'],
  ])('ends with an error on %j', async (end, message) => {
    const { action, context, rustfs } = setup();
    rustfs.getRequest.mockResolvedValue({ ...proposed, ...end });
    await expect(action.handler(context)).rejects.toThrow(message);
    expect(context.output).not.toHaveBeenCalled();
  });

  it('gives up after its bound, and says what the request waits for and where it goes on', async () => {
    const { action, context, rustfs } = setup({ timeoutMinutes: 0.0005 });
    rustfs.getRequest.mockResolvedValue(proposed);
    await expect(action.handler(context)).rejects.toThrow(
      /not ready after 0.0005 minutes.*A review by carla.*\/rustfs\/requests\/a1/,
    );
  });

  it('waits on while the backend does not answer', async () => {
    const { action, context, log, rustfs } = setup();
    rustfs.getRequest
      .mockRejectedValueOnce(new TypeError('fetch failed'))
      .mockRejectedValueOnce(
        await answerOf(503, 'ServiceUnavailableError', 'Starting'),
      )
      .mockResolvedValueOnce({ ...proposed, state: 'ready' });
    await action.handler(context);
    expect(log()[0]).toBe('The RustFS backend does not answer at present');
    expect(context.output).toHaveBeenCalledWith('state', 'ready');
  });

  it.each([
    [401, 'AuthenticationError', 'User token has expired'],
    [403, 'NotAllowedError', 'You need the permission rustfs.request.read'],
    [404, 'NotFoundError', 'No request a1'],
  ])(
    'ends with the words of the backend on %i and does not ask again',
    async (status, name, message) => {
      const { action, context, rustfs } = setup();
      rustfs.getRequest.mockRejectedValue(
        await answerOf(status, name, message),
      );
      await expect(action.handler(context)).rejects.toMatchObject({
        name,
        message,
      });
      expect(rustfs.getRequest).toHaveBeenCalledTimes(1);
      expect(context.output).not.toHaveBeenCalled();
    },
  );

  it('ends at once when the task is cancelled', async () => {
    const { action, context, rustfs } = setup();
    const task = new AbortController();
    rustfs.getRequest.mockImplementation(async () => {
      task.abort();
      return proposed;
    });
    await expect(
      action.handler({ ...context, signal: task.signal }),
    ).rejects.toMatchObject({ name: 'AbortError' });
    expect(rustfs.getRequest).toHaveBeenCalledTimes(1);
  });

  it('waits for nothing in a dry run', async () => {
    const { action, context, rustfs } = setup();
    await action.handler({ ...context, isDryRun: true });
    expect(rustfs.getRequest).not.toHaveBeenCalled();
  });
});
