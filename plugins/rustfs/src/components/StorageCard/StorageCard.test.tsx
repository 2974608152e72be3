import { EntityStorage } from '@rustfs-portal/plugin-rustfs-common';
import { screen } from '@testing-library/react';
import {
  aBucket,
  aRequest,
  aStorage,
  aTenant,
} from '../../__testUtils__/fixtures';
import {
  accessibilityIssues,
  INVOICES,
  refusal,
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { StorageCard } from './StorageCard';

const GIB = 2 ** 30;

function renderCard(api: ReturnType<typeof rustfsApiMock>) {
  return renderInPortal(<StorageCard />, { api, entity: INVOICES });
}

describe('StorageCard', () => {
  it('shows usage against quota, requests under way and that all is well', async () => {
    const { container } = await renderCard(
      rustfsApiMock({
        getEntityStorage: async () => aStorage(),
        listRequests: async () => ({
          items: [aRequest('merged'), aRequest('ready', { id: 'other' })],
          total: 2,
        }),
      }),
    );
    expect(
      await screen.findByRole('meter', { name: /checkout-invoices/ }),
    ).toHaveAttribute('aria-valuenow', '25');
    expect(await screen.findByText('1 request under way')).toBeInTheDocument();
    expect(screen.getByText('Nothing to fix')).toBeInTheDocument();
    expect(await accessibilityIssues(container)).toEqual([]);
  });

  it.each<[string, Partial<EntityStorage>, RegExp]>([
    [
      'a bucket that is gone',
      { buckets: [aBucket({ state: 'missing' })] },
      /checkout-invoices was there and is gone/,
    ],
    [
      'a bucket that failed',
      { buckets: [aBucket({ state: 'failed', message: 'access denied' })] },
      /checkout-invoices failed: access denied/,
    ],
    [
      'a tenant that does not answer',
      { tenants: [aTenant({ state: 'unreachable' })] },
      /Tenant atlas\/storage\/apps does not answer/,
    ],
    [
      'a quota that is nearly used up',
      {
        buckets: [
          aBucket({ live: { ...aBucket().live!, sizeBytes: 49.9 * GIB } }),
        ],
      },
      /checkout-invoices uses 99 % of its quota/,
    ],
    [
      'a setting that differs',
      {
        buckets: [
          aBucket({
            drift: [{ field: 'versioning', declared: 'on', live: 'off' }],
          }),
        ],
      },
      /not set as declared: versioning/,
    ],
  ])('names %s first', async (_, overrides, words) => {
    await renderCard(
      rustfsApiMock({
        getEntityStorage: async () => aStorage(overrides),
      }),
    );
    expect(await screen.findByText(words)).toBeInTheDocument();
  });

  it('does not call the storage empty whose buckets cannot be shown', async () => {
    await renderCard(
      rustfsApiMock({
        getEntityStorage: async () =>
          aStorage({
            buckets: [],
            problems: [
              {
                code: 'bucket-not-shown',
                part: 'atlas/storage/apps',
                message: 'Bucket media belongs to group:default/media',
              },
            ],
          }),
      }),
    );
    expect(
      await screen.findByText(/Bucket media belongs to/),
    ).toBeInTheDocument();
    expect(screen.queryByText('No buckets yet.')).not.toBeInTheDocument();
  });

  it('names the permission that is missing', async () => {
    await renderCard(
      rustfsApiMock({
        getEntityStorage: () =>
          Promise.reject(
            refusal({ name: 'NotAllowedError', statusCode: 403, message: '' }),
          ),
      }),
    );
    expect(
      await screen.findByText(/rustfs\.storage\.read/),
    ).toBeInTheDocument();
  });
});
