import {
  mockApis,
  registerMswTestHooks,
  renderInTestApp,
} from '@backstage/frontend-test-utils';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { http, HttpResponse } from 'msw';
import { setupServer } from 'msw/node';
import { DemoSignInPage } from './DemoSignInPage';

const config = {
  app: { title: 'Acme developer portal', baseUrl: 'http://localhost:3000' },
  backend: { baseUrl: 'http://localhost:7007' },
  auth: {
    providers: {
      demo: {
        people: [
          { name: 'ada', title: 'Ada Laurent', description: 'Developer' },
          { name: 'carla', title: 'Carla Moreno', description: 'Engineer' },
        ],
      },
    },
  },
};

const server = setupServer();
registerMswTestHooks(server);

function serveSignIn() {
  const asked: Array<string | null> = [];
  server.use(
    http.get('http://localhost:7007/api/auth/demo/refresh', ({ request }) => {
      const name = request.headers.get('x-demo-user');
      asked.push(name);
      const exp = Math.floor(Date.now() / 1000) + 3600;
      const claims = Buffer.from(
        JSON.stringify({ iat: exp - 3600, exp }),
      ).toString('base64url');
      return HttpResponse.json({
        profile: { displayName: name },
        backstageIdentity: {
          token: `header.${claims}.signature`,
          identity: {
            type: 'user',
            userEntityRef: `user:default/${name}`,
            ownershipEntityRefs: [],
          },
        },
      });
    }),
  );
  return asked;
}

async function render() {
  const onSignInSuccess = jest.fn();
  await renderInTestApp(<DemoSignInPage onSignInSuccess={onSignInSuccess} />, {
    apis: [mockApis.config({ data: config })],
    config,
  });
  return onSignInSuccess;
}

afterEach(() => localStorage.clear());

it('says why nobody could be signed in, and lets the visitor choose again', async () => {
  server.use(
    http.get('http://localhost:7007/api/auth/demo/refresh', () =>
      HttpResponse.json(
        { error: { name: 'NotFoundError', message: 'No user ada' } },
        { status: 404 },
      ),
    ),
  );
  await render();
  await userEvent.click(
    await screen.findByRole('button', { name: 'Sign in as Ada Laurent' }),
  );
  expect(await screen.findByText('You could not be signed in')).toBeVisible();
  expect(screen.getByRole('button', { name: 'Try again' })).toBeVisible();
  await userEvent.click(
    screen.getByRole('button', { name: 'Choose somebody else' }),
  );
  expect(
    screen.getByRole('button', { name: 'Sign in as Carla Moreno' }),
  ).toBeVisible();
  expect(localStorage.getItem('demo-sign-in.user')).toBeNull();
});

it('signs in as whom the visitor chooses and keeps the choice until signing out', async () => {
  const asked = serveSignIn();
  const first = await render();
  await userEvent.click(
    await screen.findByRole('button', { name: 'Sign in as Carla Moreno' }),
  );
  await waitFor(() => {
    expect(first).toHaveBeenCalledTimes(1);
  });
  expect(asked).toEqual(['carla']);

  const identity = first.mock.calls[0][0];
  await expect(identity.getBackstageIdentity()).resolves.toMatchObject({
    userEntityRef: 'user:default/carla',
  });
  await identity.signOut();
  await render();
  expect(
    await screen.findByRole('button', { name: 'Sign in as Ada Laurent' }),
  ).toBeVisible();
});
