import { createHmac } from 'node:crypto';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import eventsPlugin from '@backstage/plugin-events-backend';
import request from 'supertest';
import eventsModuleRustfs from '.';

const SECRET = 'a-secret-of-the-webhook';
const OLD = 'the-secret-before-this-one';
const BODY = JSON.stringify({ action: 'closed', number: 7 });

const sign = (secret: string, body = BODY, algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(body).digest('hex');

async function start(webhookSecret?: string | string[]) {
  const events = mockServices.events.mock();
  const { server, stop } = await startTestBackend({
    features: [
      eventsPlugin,
      eventsModuleRustfs,
      events.factory,
      mockServices.rootConfig.factory({
        data: { events: { modules: { gitea: { webhookSecret } } } },
      }),
    ],
  });
  return {
    events,
    stop,
    send: (headers: Record<string, string>, body = BODY) =>
      request(server)
        .post('/api/events/http/gitea')
        .set({ 'content-type': 'application/json', ...headers })
        .send(body),
  };
}

describe('webhooks of Gitea', () => {
  it('are published when a secret of the configuration has signed them', async () => {
    const { events, send, stop } = await start([SECRET, OLD]);
    for (const secret of [SECRET, OLD]) {
      const { status } = await send({ 'x-gitea-signature': sign(secret) });
      expect(status).toBe(202);
    }
    expect(events.publish).toHaveBeenCalledTimes(2);
    expect(events.publish).toHaveBeenCalledWith(
      expect.objectContaining({
        topic: 'gitea',
        eventPayload: { action: 'closed', number: 7 },
      }),
    );
    await stop();
  });

  it.each<[string, Record<string, string>, string?]>([
    ['without a signature', {}],
    ['with an empty one', { 'x-gitea-signature': '' }],
    ['of another secret', { 'x-gitea-signature': sign('another-secret-0') }],
    ['of another body', { 'x-gitea-signature': sign(SECRET, '{}') }],
    ['of a lesser kind', { 'x-gitea-signature': sign(SECRET, BODY, 'sha1') }],
    ['in another header', { 'x-hub-signature': `sha1=${sign(SECRET)}` }],
    [
      'that a body was changed after',
      { 'x-gitea-signature': sign(SECRET) },
      BODY.replace('7', '8'),
    ],
  ])('are refused %s', async (_, headers, body) => {
    const { events, send, stop } = await start(SECRET);
    const response = await send(headers, body);
    expect(response.status).toBe(403);
    expect(response.text).not.toContain(SECRET);
    expect(events.publish).not.toHaveBeenCalled();
    await stop();
  });

  it('are not received without a secret', async () => {
    const { events, send, stop } = await start();
    const { status } = await send({ 'x-gitea-signature': sign('') });
    expect(status).toBe(404);
    expect(events.publish).not.toHaveBeenCalled();
    await stop();
  });

  it.each([[''], ['short'], [[SECRET, 7]]])(
    'have the backend not start with the secret %j',
    async secret => {
      await expect(start(secret as string)).rejects.toThrow(
        /events\.modules\.gitea\.webhookSecret: expected a secret of at least 16 characters/,
      );
    },
  );
});
