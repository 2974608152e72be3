import { mockApis, renderTestApp } from '@backstage/frontend-test-utils';
import { EntityCardBlueprint } from '@backstage/plugin-catalog-react/alpha';
import { createTestEntityPage } from '@backstage/plugin-catalog-react/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { rustfsPlugin } from './plugin';
import { aBucket, aRequest, aStorage, aTenant } from './__testUtils__/fixtures';
import {
  accessibilityIssues,
  INVOICES,
  refusal,
  rustfsApiMock,
} from './__testUtils__/renderInPortal';

const LIVE = { asOf: '2026-03-02T12:04:00.000Z', freshness: 'live' } as const;

/** How long a page may take to look again. */
const SOON = { timeout: 8_000 };

const { quota, ...WITHOUT_QUOTA } = aRequest('closed').input;
const FAILURE = aRequest('failed').failure!;

const PROBLEM = {
  code: 'tenant-unreachable',
  part: 'borealis/storage/archive',
  message: 'Its server did not answer within 3 s.',
};

function renderPage(
  path: string,
  answers: Parameters<typeof rustfsApiMock>[0],
) {
  return renderTestApp({
    features: [rustfsPlugin],
    apis: [rustfsApiMock(answers)],
    initialRouteEntries: [path],
  });
}

describe('rustfsPlugin', () => {
  it('has a page that opens with the buckets, which everyone has a use for', async () => {
    renderPage('/rustfs', {
      listBuckets: async () => ({ ...LIVE, items: [aBucket()], problems: [] }),
    });
    expect(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
    expect(screen.getAllByRole('tab').map(tab => tab.textContent)).toEqual([
      'Buckets',
      'Access',
      'Requests',
      'Tenants',
    ]);
  });

  it('names the tab of the browser after the page', async () => {
    renderPage('/rustfs/requests/r-7k2m9', {
      getRequest: async () => aRequest('ready'),
      listBuckets: async () => ({ ...LIVE, items: [aBucket()], problems: [] }),
    });
    await waitFor(() =>
      expect(document.title).toMatch(
        /^checkout-receipts \| Requests \| Object storage \| /,
      ),
    );
    await userEvent.click(screen.getByRole('tab', { name: 'Buckets' }));
    await waitFor(() =>
      expect(document.title).toMatch(/^Buckets \| Object storage \| /),
    );
  });

  it('says how to connect to a bucket without the right to see tenants', async () => {
    renderPage('/rustfs/buckets?bucket=atlas/storage/apps:checkout-invoices', {
      listBuckets: async () => ({ ...LIVE, items: [aBucket()], problems: [] }),
      getTenant: () =>
        Promise.reject(
          refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
        ),
    });
    const dialog = await screen.findByRole('dialog');
    expect(
      within(dialog).getByText('http://apps-io.storage.svc:9000'),
    ).toBeInTheDocument();
  });

  it('says that a bucket cannot be found, and shows it once it can', async () => {
    renderPage('/rustfs/buckets?bucket=atlas/storage/apps:checkout-new', {
      listBuckets: jest
        .fn()
        .mockResolvedValueOnce({ ...LIVE, items: [], problems: [] })
        .mockResolvedValue({
          ...LIVE,
          items: [aBucket({ name: 'checkout-new' })],
          problems: [],
        }),
    });
    expect(
      await screen.findByText(/checkout-new is not among the buckets/),
    ).toBeInTheDocument();
    expect(
      await screen.findByRole('dialog', { name: 'checkout-new' }, SOON),
    ).toBeInTheDocument();
  }, 20_000);

  it.each([
    ['closed', {}, 'Ask again', 'checkout-receipts'],
    [
      'failed',
      { failure: { ...FAILURE, remedy: 'ask-again' } },
      'Ask again',
      'checkout-receipts',
    ],
    // Without quota, also where the form begins with one.
    ['closed', { input: WITHOUT_QUOTA }, 'Ask again', 'checkout-receipts'],
    [
      'failed',
      { failure: { ...FAILURE, remedy: 'another-name' } },
      'Ask under another name',
      undefined,
    ],
  ] as const)(
    'lets a person ask again for what was %s (%j)',
    async (state, more, label, bucket) => {
      renderTestApp({
        features: [rustfsPlugin, scaffolderPlugin],
        apis: [
          rustfsApiMock({ getRequest: async () => aRequest(state, more) }),
          mockApis.permission(),
        ],
        initialRouteEntries: ['/rustfs/requests/r-7k2m9'],
      });
      const link = await screen.findByRole('link', { name: label });
      const [form, query] = link.getAttribute('href')!.split('?');
      expect(form).toBe('/create/templates/default/request-bucket');
      expect(JSON.parse(new URLSearchParams(query).get('formData')!)).toEqual({
        quota: '',
        ...aRequest(state, more).input,
        bucket,
      });
    },
  );

  it('does not offer to ask again without the right to ask', async () => {
    renderTestApp({
      features: [rustfsPlugin, scaffolderPlugin],
      apis: [
        rustfsApiMock({
          // Decisions are remembered by entity, also from one test to the next.
          getRequest: async () =>
            aRequest('closed', { entityRef: 'component:default/ledger' }),
        }),
        mockApis.permission({ authorize: AuthorizeResult.DENY }),
      ],
      initialRouteEntries: ['/rustfs/requests/r-7k2m9'],
    });
    expect(
      await screen.findByText(/closed without being merged/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('link', { name: 'Ask again' }),
    ).not.toBeInTheDocument();
  });

  it('lists the tenants, problems on top', async () => {
    const user = userEvent.setup();
    const { container } = renderPage('/rustfs/tenants', {
      listTenants: async () => ({
        ...LIVE,
        items: [
          aTenant(),
          aTenant({
            ref: 'borealis/storage/ml',
            state: 'degraded',
            reason: 'DrivesOffline',
            message: '1 of 4 drives is offline.',
            drives: { online: 3, total: 4 },
          }),
        ],
        problems: [PROBLEM],
      }),
    });
    const row = await screen.findByRole('row', { name: /ml/ });
    expect(screen.getAllByRole('row')[1]).toBe(row);
    expect(within(row).getByText('Degraded')).toBeInTheDocument();
    expect(within(row).getByText('3 of 4')).toBeInTheDocument();
    expect(screen.getByText(/did not answer within 3 s/)).toBeInTheDocument();
    expect(
      await accessibilityIssues(container.querySelector('table')!),
    ).toEqual([]);

    await user.click(row);
    const dialog = await screen.findByRole('dialog', {
      name: 'borealis/storage/ml',
    });
    expect(
      within(dialog).getByText('1 of 4 drives is offline.'),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByText('Kustomization flux-system/storage'),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByRole('link', { name: /acme\/atlas/ }),
    ).toHaveAttribute('href', 'https://forge.example/acme/atlas');
  });

  it('names the right to see tenants where it is missing', async () => {
    renderPage('/rustfs/tenants', {
      listTenants: () =>
        Promise.reject(
          refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
        ),
    });
    expect(
      await screen.findByText(/It takes the permission rustfs\.tenant\.read/),
    ).toBeInTheDocument();
  });

  it('finds a bucket among 20,000 and shows 50 at a time', async () => {
    const user = userEvent.setup();
    const items = Array.from({ length: 20_000 }, (_, index) =>
      aBucket({ name: `bucket-${index}`, owner: undefined }),
    );
    renderPage('/rustfs/buckets', {
      listBuckets: async () => ({ ...LIVE, items, problems: [] }),
    });
    expect(await screen.findByText('20000 buckets')).toBeInTheDocument();
    expect(screen.getAllByRole('row')).toHaveLength(51);
    await user.click(screen.getByRole('searchbox', { name: 'Search buckets' }));
    await user.paste('bucket-19999');
    expect(
      await screen.findByRole('row', { name: /bucket-19999/ }),
    ).toBeInTheDocument();
    expect(screen.getAllByRole('row')).toHaveLength(2);
  });

  it('has a card for annotated entities only', async () => {
    const card = rustfsPlugin.getExtension('entity-card:rustfs/storage');
    const other = EntityCardBlueprint.make({
      name: 'other',
      params: { loader: async () => <p>Another card</p> },
    });
    const apis = [
      rustfsApiMock({ getEntityStorage: async () => aStorage() }),
    ] as const;
    const annotated = {
      ...INVOICES,
      metadata: {
        ...INVOICES.metadata,
        annotations: { 'rustfs.com/tenant': 'atlas/storage/apps' },
      },
    };
    const { unmount } = renderTestApp({
      extensions: [createTestEntityPage({ entity: annotated }), card, other],
      apis: [...apis],
    });
    expect(
      await screen.findByRole('meter', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
    unmount();

    renderTestApp({
      extensions: [createTestEntityPage({ entity: INVOICES }), card, other],
      apis: [...apis],
    });
    expect(await screen.findByText('Another card')).toBeInTheDocument();
    expect(screen.queryByText('Storage')).not.toBeInTheDocument();
  });
});
