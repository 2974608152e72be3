import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { AS_OF, anAccess } from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { AccessPage } from './AccessPage';

const READER = anAccess({
  name: 'reports-reader',
  entity: 'component:default/reports',
  owner: 'group:default/insights',
  mode: 'read',
  scope: { type: 'prefix', bucket: 'checkout-exports', prefix: 'daily/' },
});

const ENDED = anAccess({
  name: 'old-job',
  state: 'revoked',
  revokedAt: AS_OF,
  stillOpenThrough: ['checkout-public'],
});

function answer(
  items = [anAccess(), READER, ENDED],
  overrides: Parameters<typeof rustfsApiMock>[0] = {},
) {
  return rustfsApiMock({
    listAccesses: async () => ({
      asOf: AS_OF,
      freshness: 'live',
      items,
      problems: [],
    }),
    ...overrides,
  });
}

const rows = () =>
  screen
    .getAllByRole('row')
    .slice(1)
    .map(row => row.getAttribute('data-key'));

describe('AccessPage', () => {
  it('lists who may do what, where the Secret is, and how each stands', async () => {
    const { container } = await renderInPortal(<AccessPage />, {
      api: answer(),
    });
    const row = await screen.findByRole('row', { name: /reports-reader/ });
    for (const words of [
      'reports',
      'checkout-exports/daily/',
      'read',
      'invoices-s3',
      'atlas/checkout',
      'Ready',
    ]) {
      expect(within(row).getByText(words)).toBeInTheDocument();
    }
    const ended = screen.getByRole('row', { name: /old-job/ });
    expect(within(ended).getByText('Ended')).toBeInTheDocument();
    expect(within(ended).getByText('public')).toBeInTheDocument();
    expect(screen.getByText('3 accesses')).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('narrows the list, finds by Secret, and sorts', async () => {
    const user = userEvent.setup();
    await renderInPortal(<AccessPage />, {
      api: answer(),
      at: '/?show=active',
    });
    await screen.findByRole('row', { name: /reports-reader/ });
    expect(rows()).toEqual([
      'atlas/storage/apps:invoices',
      'atlas/storage/apps:reports-reader',
    ]);
    await user.click(screen.getByRole('columnheader', { name: 'May' }));
    expect(rows()).toEqual([
      'atlas/storage/apps:reports-reader',
      'atlas/storage/apps:invoices',
    ]);
    await user.type(
      screen.getByRole('searchbox', { name: 'Search accesses' }),
      'nothing-like-it',
    );
    expect(await screen.findByText('No access matches.')).toBeInTheDocument();
  });

  it('opens what is known of one: how it stands, its Secret, and how to connect', async () => {
    const missing = anAccess({
      state: 'missing',
      reason: 'UserAbsent',
      message: 'The server does not have its user any more',
    });
    await renderInPortal(<AccessPage />, {
      api: answer([missing]),
      at: `/?access=${missing.id}`,
    });
    const dialog = await screen.findByRole('dialog', { name: 'invoices' });
    expect(within(dialog).getByText('UserAbsent')).toBeInTheDocument();
    expect(
      within(dialog).getByText(/makes the operator make its user again/),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByText('AWS_SECRET_ACCESS_KEY'),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByRole('region', { name: 'Kubernetes' }),
    ).toHaveTextContent(/envFrom: - secretRef: name: invoices-s3/);
  });

  it('says that the buckets of an access that has ended are open to all', async () => {
    await renderInPortal(<AccessPage />, {
      api: answer(),
      at: `/?access=${ENDED.id}`,
    });
    const dialog = await screen.findByRole('dialog', { name: 'old-job' });
    expect(
      within(dialog).getByText(/Anybody may read checkout-public/),
    ).toBeInTheDocument();
    // There is nothing to connect with, and nothing to end.
    expect(within(dialog).queryByText('Connect')).not.toBeInTheDocument();
    expect(
      within(dialog).queryByRole('link', { name: /Revoke/ }),
    ).not.toBeInTheDocument();
  });

  it('says which right is missing, what is missing from the list, and that there is none', async () => {
    const { unmount } = await renderInPortal(<AccessPage />, {
      api: answer([], {
        listAccesses: () =>
          Promise.reject(
            refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
          ),
      }),
    });
    expect(
      await screen.findByText(/It takes the permission rustfs\.access\.read/),
    ).toBeInTheDocument();
    unmount();

    await renderInPortal(<AccessPage />, {
      api: answer([], {
        listAccesses: async () => ({
          asOf: AS_OF,
          freshness: 'stale',
          items: [],
          problems: [
            {
              code: 'tenant-unreachable',
              part: 'atlas/storage/apps',
              message: 'Its server did not answer.',
            },
          ],
        }),
      }),
    });
    expect(
      await screen.findByText('Some data is old or missing'),
    ).toBeInTheDocument();
    expect(screen.getByText('No access that you may see.')).toBeInTheDocument();
  });
});
