import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import authPlugin from '@backstage/plugin-auth-backend';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import request from 'supertest';
import demoSignIn from './demoSignIn';

const ada = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'User',
  metadata: { name: 'ada', namespace: 'default' },
  spec: { memberOf: ['checkout'] },
  relations: [{ type: 'memberOf', targetRef: 'group:default/checkout' }],
};

async function start(
  baseUrl: string,
  listen: string | object = { host: '127.0.0.1', port: 0 },
) {
  const { server } = await startTestBackend({
    features: [
      authPlugin,
      demoSignIn,
      catalogServiceMock.factory({ entities: [ada] }),
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl },
          backend: { baseUrl, listen },
          auth: {
            providers: {
              demo: {
                people: [{ name: 'ada', title: 'Ada', description: 'dev' }],
              },
            },
          },
        },
      }),
    ],
  });
  return server;
}

it('signs in one of the people listed, and nobody else', async () => {
  const server = await start('http://localhost:7007');
  const signIn = (name?: string) => {
    const call = request(server).get('/api/auth/demo/refresh');
    return name ? call.set('x-demo-user', name) : call;
  };

  const { body, status } = await signIn('ada');
  expect(status).toBe(200);
  expect(body.backstageIdentity.identity).toMatchObject({
    userEntityRef: 'user:default/ada',
    ownershipEntityRefs: ['user:default/ada', 'group:default/checkout'],
  });
  expect((await signIn('root')).status).toBe(403);
  expect((await signIn()).status).toBe(401);
});

it('answers only where nobody else can have the name', async () => {
  const server = await start('http://localhost:7007');
  const signInAt = async (host: string) =>
    (
      await request(server)
        .get('/api/auth/demo/refresh')
        .set('x-demo-user', 'ada')
        .set('Host', host)
    ).status;
  for (const host of [
    'localhost',
    'localhost:7007',
    'LOCALHOST:7007',
    '127.0.0.1:7007',
    '[::1]:7007',
  ]) {
    expect([host, await signInAt(host)]).toEqual([host, 200]);
  }
  for (const host of [
    'rebound.example.com:7007',
    'rebound.example.com',
    'localhost.example.com',
    'localhost@example.com',
    '127.0.0.1.example.com:7007',
    '0.0.0.0:7007',
    '[::2]',
    '%',
  ]) {
    expect([host, await signInAt(host)]).toEqual([host, 403]);
  }
});

it('is refused where others can reach the portal', async () => {
  await expect(start('https://portal.example.com')).rejects.toThrow(
    /localhost only/,
  );
});

it.each([':7007', '0.0.0.0:7007', { port: 7007 }, { host: '192.0.2.1' }])(
  'is refused where the portal listens to others: %j',
  async listen => {
    await expect(start('http://localhost:7007', listen)).rejects.toThrow(
      /localhost only/,
    );
  },
);
