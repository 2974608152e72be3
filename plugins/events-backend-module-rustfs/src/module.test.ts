import { createHmac } from 'node:crypto';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import eventsPlugin from '@backstage/plugin-events-backend';
import { JsonValue } from '@backstage/types';
import request from 'supertest';
import eventsModuleRustfs from '.';

const SECRET = 'a-secret-of-the-webhook';
const OLD = 'the-secret-before-this-one';
const BODY = JSON.stringify({ action: 'closed', number: 7 });

const sign = (secret: string, body = BODY, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(body).digest('hex');

const events = mockServices.events.mock();

function start(webhookSecret?: JsonValue) {
  return startTestBackend({
    features: [
      eventsPlugin,
      eventsModuleRustfs,
      events.factory,
      mockServices.rootConfig.factory({
        data: { events: { modules: { gitea: { webhookSecret } } } },
      }),
    ],
  });
}

const send = (
  { server }: TestBackend,
  headers: Record<string, string>,
  body = BODY,
) =>
  request(server)
    .post('/api/events/http/gitea')
    .set({ 'content-type': 'application/json', ...headers })
    .send(body);

describe('webhooks of Gitea', () => {
  let backend: TestBackend;
  beforeAll(async () => {
    backend = await start([SECRET, OLD]);
  });
  afterAll(() => backend?.stop());
  beforeEach(() => events.publish.mockClear());

  it('are published when a secret of the configuration has signed them', async () => {
    for (const secret of [SECRET, OLD]) {
      const { status } = await send(backend, {
        'x-gitea-signature': sign(secret),
      });
      expect(status).toBe(202);
    }
    expect(events.publish).toHaveBeenCalledTimes(2);
    expect(events.publish).toHaveBeenCalledWith(
      expect.objectContaining({
        topic: 'gitea',
        eventPayload: { action: 'closed', number: 7 },
      }),
    );
  });

  it.each<[string, Record<string, string>, string?]>([
    ['without a signature', {}],
    ['with an empty one', { 'x-gitea-signature': '' }],
    ['of another secret', { 'x-gitea-signature': sign('another-secret-0') }],
    ['of another body', { 'x-gitea-signature': sign(SECRET, '{}') }],
    ['of a lesser kind', { 'x-gitea-signature': sign(SECRET, BODY, 'sha1') }],
    ['in another header', { 'x-hub-signature': `sha1=${sign(SECRET)}` }],
    [
      'whose body was changed after',
      { 'x-gitea-signature': sign(SECRET) },
      BODY.replace('7', '8'),
    ],
  ])('are refused %s', async (_, headers, body = BODY) => {
    const response = await send(backend, headers, body);
    expect(response.status).toBe(403);
    expect(response.text).not.toContain(SECRET);
    expect(events.publish).not.toHaveBeenCalled();
  });

  it('are not received without a secret', async () => {
    const bare = await start();
    const { status } = await send(bare, { 'x-gitea-signature': sign('') });
    expect(status).toBe(404);
    expect(events.publish).not.toHaveBeenCalled();
    await bare.stop();
  });

  it.each([[''], ['short'], [[SECRET, 7]]])(
    'have the backend not start with the secret %j',
    async secret => {
      await expect(start(secret)).rejects.toThrow(
        /events\.modules\.gitea\.webhookSecret: expected a secret of at least 16 characters/,
      );
    },
  );
});
