import { act, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { REQUEST_POLL_MS } from '../../hooks/useRequests';
import { formatTime } from '../../lib/time';
import {
  AS_OF,
  aBucket,
  aRequest,
  aStorage,
  aTenant,
} from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  FakeSignals,
  INVOICES,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { StorageTab } from './StorageTab';

const GIB = 2 ** 30;

function renderTab(
  api: ReturnType<typeof rustfsApiMock>,
  signals?: FakeSignals,
) {
  return renderInPortal(<StorageTab />, { api, signals, entity: INVOICES });
}

describe('StorageTab', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('shows buckets with usage, settings and state, and as of when', async () => {
    const api = rustfsApiMock({
      getEntityStorage: async () =>
        aStorage({
          buckets: [
            aBucket(),
            aBucket({
              name: 'checkout-new',
              live: { versioning: 'off', objectLock: false },
              state: 'ready',
            }),
          ],
        }),
    });
    const { container } = await renderTab(api);

    const row = await screen.findByRole('row', { name: /checkout-invoices/ });
    expect(
      within(row).getByRole('meter', { name: /checkout-invoices/ }),
    ).toHaveAttribute('aria-valuetext', '12.5 GiB of 50 GiB (25 %)');
    expect(
      within(row).getByText((48_211).toLocaleString()),
    ).toBeInTheDocument();
    expect(within(row).getByText('Ready')).toBeInTheDocument();
    // Not measured is not zero.
    expect(
      within(screen.getByRole('row', { name: /checkout-new/ })).getByText(
        'not measured yet',
      ),
    ).toBeInTheDocument();
    expect(screen.getByText(/^As of /)).toBeInTheDocument();
    expect(screen.getByText('atlas/storage/apps')).toBeInTheDocument();
    expect(api.getEntityStorage).toHaveBeenCalledWith(
      'component:default/invoices',
      expect.anything(),
    );
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it('has a skeleton while it loads', async () => {
    await renderTab(
      rustfsApiMock({ getEntityStorage: () => new Promise(() => {}) }),
    );
    expect(screen.getByText('Loading')).toBeInTheDocument();
  });

  it('is read again after a while', async () => {
    jest.useFakeTimers();
    const getEntityStorage = jest
      .fn()
      .mockResolvedValueOnce(aStorage({ buckets: [] }))
      .mockResolvedValue(aStorage());
    await renderTab(rustfsApiMock({ getEntityStorage }));
    await screen.findByText('No buckets yet.');
    await act(() => jest.advanceTimersByTimeAsync(60_000));
    expect(
      screen.getByRole('row', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
  });

  it('says what to do about a bucket that is nearly full', async () => {
    const user = userEvent.setup();
    const { live } = aBucket();
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [
              aBucket({
                name: 'half',
                live: { ...live!, sizeBytes: 25 * GIB },
              }),
              aBucket({
                name: 'full',
                live: { ...live!, sizeBytes: 45 * GIB },
              }),
            ],
          }),
      }),
    );
    await user.click(await screen.findByRole('row', { name: /full/ }));
    expect(
      await screen.findByText(/ask for a higher quota/),
    ).toBeInTheDocument();
    await user.keyboard('{Escape}');
    await user.click(await screen.findByRole('row', { name: /half/ }));
    expect(await screen.findByText('Declared and live')).toBeInTheDocument();
    expect(screen.queryByText(/have the quota raised/)).not.toBeInTheDocument();
  });

  it('does not offer to connect to what is gone', async () => {
    const user = userEvent.setup();
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [aBucket({ state: 'missing', live: undefined })],
          }),
      }),
    );
    await user.click(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('Declared and live')).toBeInTheDocument();
    expect(within(dialog).queryByText('Connect')).not.toBeInTheDocument();
  });

  it('says that there are no buckets yet', async () => {
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () => aStorage({ buckets: [] }),
      }),
    );
    expect(await screen.findByText('No buckets yet.')).toBeInTheDocument();
  });

  it('raises no alarm before the first bucket on a tenant that is annotated', async () => {
    const api = rustfsApiMock({
      getEntityStorage: async () =>
        aStorage({
          tenants: [],
          buckets: [],
          problems: [
            {
              code: 'tenant-not-shown',
              part: 'atlas/storage/apps',
              message:
                'No bucket on tenant atlas/storage/apps is recorded for the owner of this entity yet',
              hint: 'Request the first one.',
            },
          ],
        }),
    });
    await renderTab(api);
    expect(await screen.findByText('No buckets yet.')).toBeInTheDocument();
    expect(
      screen.getByText(
        /No bucket on tenant atlas\/storage\/apps .* yet\. Request the first one\./,
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText(/needs attention|is missing/i)).toBeNull();
  });

  it('says that what is named cannot be shown, and not that there is nothing', async () => {
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [],
            problems: [
              {
                code: 'bucket-not-shown',
                part: 'atlas/storage/apps',
                message:
                  'The entity names bucket media, which belongs to media',
              },
            ],
          }),
      }),
    );
    expect(
      await screen.findByText('No bucket can be shown.'),
    ).toBeInTheDocument();
    // Nothing is missing that could come back.
    expect(screen.getByText('Something needs to be fixed')).toBeInTheDocument();
    expect(screen.queryByText('No buckets yet.')).not.toBeInTheDocument();
  });

  it('shows a tenant on its own page with all buckets that the person may see', async () => {
    const listBuckets = jest.fn().mockResolvedValue({
      items: [aBucket(), aBucket({ name: 'media-masters', owner: undefined })],
      problems: [],
      asOf: AS_OF,
      freshness: 'live',
    });
    await renderInPortal(<StorageTab />, {
      api: rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [],
            tenants: [aTenant({ state: 'degraded', reason: 'PoolDegraded' })],
          }),
        listBuckets,
      }),
      entity: {
        apiVersion: 'backstage.io/v1alpha1',
        kind: 'Resource',
        metadata: {
          name: 'atlas-apps',
          annotations: { 'rustfs.com/tenant': 'atlas/storage/apps' },
        },
        spec: { type: 'rustfs-tenant', owner: 'platform' },
      },
    });
    const table = await screen.findByRole('grid', { name: 'Buckets' });
    const row = (name: RegExp) => within(table).getByRole('row', { name });
    expect(
      within(row(/checkout-invoices/)).getByText('checkout'),
    ).toBeVisible();
    expect(within(row(/media-masters/)).getByText('no owner')).toBeVisible();
    expect(screen.getByText('Degraded')).toBeInTheDocument();
    expect(screen.getByText(/PoolDegraded/)).toBeInTheDocument();
    expect(listBuckets).toHaveBeenCalledWith(
      expect.objectContaining({ tenant: 'atlas/storage/apps' }),
    );
  });

  it('tells every team that one bad bucket leaves theirs alone', async () => {
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            tenants: [
              aTenant({ state: 'blocked', reason: 'BucketCreateFailed' }),
            ],
          }),
      }),
    );
    expect(await screen.findByText('One item failed')).toBeInTheDocument();
    expect(
      screen.getByText(/The buckets that are there work\..*BucketCreateFailed/),
    ).toBeInTheDocument();
    expect(screen.queryByText('Blocked')).not.toBeInTheDocument();
  });

  it('says of a failed bucket what to do, with the command', async () => {
    const user = userEvent.setup();
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [
              aBucket({
                state: 'failed',
                reason: 'BucketCreateFailed',
                message: 'drives are read-only',
                live: undefined,
              }),
            ],
          }),
      }),
    );
    await user.click(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    );
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText('drives are read-only')).toBeVisible();
    expect(
      within(dialog).getByRole('region', {
        name: 'Command that makes the operator try again',
      }),
    ).toHaveTextContent(
      /in cluster atlas kubectl annotate tenant apps --namespace storage/,
    );
    expect(await accessibilityIssues(dialog)).toEqual([]);
  });

  it('says what to annotate, filled in and ready to copy', async () => {
    const user = userEvent.setup();
    const copy = jest.spyOn(window.navigator.clipboard, 'writeText');
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            annotated: false,
            tenants: [],
            buckets: [],
            suggestedAnnotations: {
              'rustfs.com/tenant': 'atlas/storage/apps',
              'rustfs.com/buckets': 'invoices',
            },
          }),
      }),
    );
    expect(
      await screen.findByRole('region', { name: 'Annotations to add' }),
    ).toHaveTextContent(
      'metadata: annotations: rustfs.com/tenant: atlas/storage/apps rustfs.com/buckets: invoices',
    );
    await user.click(screen.getByRole('button', { name: 'Copy' }));
    expect(copy).toHaveBeenCalledWith(
      expect.stringContaining('rustfs.com/buckets: invoices'),
    );
    expect(await screen.findByText('Copied')).toBeInTheDocument();
  });

  it('names the permission that is missing and who grants it, and shows nothing else', async () => {
    await renderTab(
      rustfsApiMock({
        getEntityStorage: () =>
          Promise.reject(
            refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
          ),
        listRequests: async () => ({ items: [aRequest('ready')], total: 1 }),
      }),
    );
    expect(
      await screen.findByText(
        /rustfs\.storage\.read on component:default\/invoices.*can grant it/,
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText('checkout-receipts')).not.toBeInTheDocument();
  });

  it('says why nothing can be asked for without the right to', async () => {
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () => aStorage({ mayRequest: false }),
      }),
    );
    const button = await screen.findByRole('button', {
      name: 'Request bucket',
    });
    expect(button).toBeDisabled();
    expect(button).toHaveAccessibleDescription(/rustfs\.bucket\.request/);
  });

  it.each([
    [
      'what is known from before',
      aBucket().live,
      'stale',
      /^Last known as of /,
    ],
    ['that nothing is known', undefined, 'live', /^As of /],
  ] as const)(
    'names the tenant that is down and shows %s',
    async (_, live, freshness, age) => {
      const { container } = await renderTab(
        rustfsApiMock({
          getEntityStorage: async () =>
            aStorage({
              freshness,
              tenants: [aTenant({ state: 'unreachable', freshness })],
              buckets: [aBucket({ state: 'unknown', live, freshness })],
              problems: [
                {
                  code: 'tenant-unreachable',
                  part: 'atlas/storage/apps',
                  message: `Its server did not answer; what is shown is as of ${AS_OF}`,
                  hint: 'Wait for it.',
                },
              ],
            }),
        }),
      );
      // In the time of the reader, as everywhere on the page.
      expect(
        await screen.findByText(
          `: Its server did not answer; what is shown is as of ${formatTime(
            AS_OF,
          )}. Wait for it.`,
        ),
      ).toBeInTheDocument();
      expect(screen.getByText(age)).toBeInTheDocument();
      expect(screen.getByText('Down')).toBeInTheDocument();
      expect(
        within(
          screen.getByRole('row', { name: /checkout-invoices/ }),
        ).getByText('Unknown'),
      ).toBeInTheDocument();
      expect(await accessibilityIssues(container)).toEqual([]);
    },
  );

  it('says what failed with its request id, and tries again', async () => {
    const user = userEvent.setup();
    const getEntityStorage = jest
      .fn()
      .mockRejectedValueOnce(
        refusal({
          name: 'ServiceUnavailableError',
          statusCode: 503,
          message: 'The catalog does not answer',
          requestId: '6f1c',
        }),
      )
      .mockResolvedValue(aStorage());
    await renderTab(rustfsApiMock({ getEntityStorage }));
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /The catalog does not answer.*Request id: 6f1c/,
    );
    await user.click(screen.getByRole('button', { name: 'Try again' }));
    expect(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    ).toBeInTheDocument();
    expect(screen.queryByRole('alert')).not.toBeInTheDocument();
  });

  it('opens a bucket: declared beside live, what differs, how to connect', async () => {
    const user = userEvent.setup();
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [
              aBucket({
                drift: [{ field: 'quota', declared: '50 GiB', live: '10 GiB' }],
                live: { ...aBucket().live!, quotaBytes: 10 * 2 ** 30 },
              }),
            ],
          }),
      }),
    );
    await user.click(
      await screen.findByRole('row', { name: /checkout-invoices/ }),
    );
    const dialog = await screen.findByRole('dialog', {
      name: 'checkout-invoices',
    });
    expect(
      within(dialog).getByText(
        'Quota: Git declares 50 GiB, the server has 10 GiB',
      ),
    ).toBeInTheDocument();
    expect(
      within(dialog).getByRole('row', { name: /Quota/ }),
    ).toHaveTextContent('Quota50 GiB10 GiBdiffers');
    await user.click(within(dialog).getByRole('tab', { name: 'rclone' }));
    const snippet = within(dialog).getByRole('region', { name: 'rclone' });
    expect(snippet).toHaveTextContent(
      'endpoint = http://apps-io.storage.svc:9000',
    );
    expect(snippet).toHaveTextContent('rclone ls rustfs:checkout-invoices');
    expect(await accessibilityIssues(dialog)).toEqual([]);

    await user.keyboard('{Escape}');
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
  });

  it('says what differs on the server and has no numbers, at the bucket and in its row', async () => {
    const user = userEvent.setup();
    const message = 'Bucket checkout-invoices is not as the record says: tags';
    await renderTab(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({ buckets: [aBucket({ reason: 'Drift', message })] }),
      }),
    );
    const row = await screen.findByRole('row', { name: /checkout-invoices/ });
    expect(within(row).getByTitle(message)).toHaveTextContent('differs');
    await user.click(row);
    const dialog = await screen.findByRole('dialog');
    expect(within(dialog).getByText(message)).toBeInTheDocument();
    expect(
      within(dialog).getByText(/Someone has changed it on the server/),
    ).toBeInTheDocument();
  });

  it('follows a request to the end while it is looked at', async () => {
    jest.useFakeTimers();
    const listRequests = jest.fn();
    const answer = (state: Parameters<typeof aRequest>[0]) =>
      listRequests.mockResolvedValue({ items: [aRequest(state)], total: 1 });
    const getEntityStorage = jest.fn().mockResolvedValue(aStorage());
    answer('proposed');
    await renderTab(rustfsApiMock({ listRequests, getEntityStorage }));
    const trail = await screen.findByRole('list', {
      name: /checkout-receipts/,
    });
    const current = () => trail.querySelector('[aria-current="step"]');
    expect(current()).toHaveTextContent(
      /Pull request #12 .*\(open\).*Next: .*carla/,
    );

    answer('merged');
    await act(() => jest.advanceTimersByTimeAsync(REQUEST_POLL_MS));
    expect(current()).toHaveTextContent(
      /Applied.*Flux has not fetched commit 4be1f09 yet/,
    );
    expect(getEntityStorage).toHaveBeenCalledTimes(2);

    answer('ready');
    await act(() => jest.advanceTimersByTimeAsync(REQUEST_POLL_MS));
    expect(current()).toBeNull();
    expect(screen.getByText('checkout-receipts: Ready')).toBeInTheDocument();

    // Nothing is under way any more, so nothing is asked any more.
    const asked = listRequests.mock.calls.length;
    await act(() => jest.advanceTimersByTimeAsync(REQUEST_POLL_MS * 5));
    expect(listRequests).toHaveBeenCalledTimes(asked);
  });

  it('reads requests again at once when the backend signals a move of this entity', async () => {
    // Requests are read again after a while as well, which a slow machine takes to get here.
    jest.useFakeTimers();
    const signals = new FakeSignals();
    const listRequests = jest
      .fn()
      .mockResolvedValueOnce({ items: [aRequest('proposed')], total: 1 })
      .mockResolvedValue({ items: [aRequest('failed')], total: 1 });
    await renderTab(
      rustfsApiMock({ listRequests, getEntityStorage: async () => aStorage() }),
      signals,
    );
    await screen.findByText('In review');

    signals.send({
      id: 'other',
      entityRef: 'component:default/other',
      state: 'ready',
    });
    expect(listRequests).toHaveBeenCalledTimes(1);

    signals.send({
      id: 'r-7k2m9',
      entityRef: 'component:default/invoices',
      state: 'failed',
    });
    expect(
      await screen.findByText(/object lock cannot be enabled on an existing/),
    ).toBeInTheDocument();
    expect(screen.getByText('BucketProvisioningFailed')).toBeInTheDocument();
    expect(
      screen.getByText(/Ask for a bucket with another name/),
    ).toBeInTheDocument();
  });

  it('keeps what it shows when a reload fails, and says so', async () => {
    const signals = new FakeSignals();
    const listRequests = jest
      .fn()
      .mockResolvedValueOnce({ items: [aRequest('proposed')], total: 1 })
      .mockRejectedValue(
        refusal({
          name: 'ServiceUnavailableError',
          statusCode: 503,
          message: 'The database does not answer',
        }),
      );
    await renderTab(
      rustfsApiMock({ listRequests, getEntityStorage: async () => aStorage() }),
      signals,
    );
    await screen.findByText('In review');
    signals.send({
      id: 'r-7k2m9',
      entityRef: 'component:default/invoices',
      state: 'merged',
    });
    expect(await screen.findByRole('alert')).toHaveTextContent(
      /the last answer.*The database does not answer/,
    );
    expect(screen.getByText('In review')).toBeInTheDocument();
  });
});
