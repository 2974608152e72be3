import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useLocation } from 'react-router-dom';
import { AS_OF, aBucket } from '../../__testUtils__/fixtures';
import {
  renderInPortal,
  rustfsApiMock,
} from '../../__testUtils__/renderInPortal';
import { BucketsPage } from './BucketsPage';

/** Lets minutes go by, in steps in which the page draws what has come. */
async function pass(minutes: number, stepSeconds: number) {
  for (let second = 0; second < minutes * 60; second += stepSeconds) {
    await act(() => jest.advanceTimersByTimeAsync(stepSeconds * 1000));
  }
}

describe('BucketsPage', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('looks often for a bucket that may be new, and soon takes it for gone', async () => {
    jest.useFakeTimers();
    const listBuckets = jest.fn().mockResolvedValue({
      asOf: AS_OF,
      freshness: 'live',
      items: [aBucket()],
      problems: [],
    });
    await renderInPortal(<BucketsPage />, {
      api: rustfsApiMock({ listBuckets }),
      at: '/?bucket=atlas/storage/apps:checkout-gone',
    });
    await screen.findByText(/checkout-gone is not among the buckets/);
    await pass(1, 5);
    expect(listBuckets.mock.calls.length).toBeGreaterThan(10);

    await pass(2, 30);
    listBuckets.mockClear();
    await pass(10, 30);
    expect(listBuckets).toHaveBeenCalledTimes(2);
  });

  describe('with a search', () => {
    const files: string[] = [];
    const createObjectURL = jest.fn();
    beforeEach(() => {
      files.length = 0;
      jest.spyOn(global, 'Blob').mockImplementation(parts => {
        files.push(String(parts?.[0]));
        return {} as Blob;
      });
      Object.assign(URL, { createObjectURL, revokeObjectURL: jest.fn() });
    });
    afterEach(() => {
      jest.restoreAllMocks();
    });

    function Address() {
      return <output>{useLocation().search}</output>;
    }

    async function renderAt(at: string) {
      const { live } = aBucket();
      return renderInPortal(
        <>
          <BucketsPage />
          <Address />
        </>,
        {
          api: rustfsApiMock({
            listBuckets: async () => ({
              asOf: AS_OF,
              freshness: 'live',
              items: [
                aBucket(),
                aBucket({ name: 'media-masters', owner: undefined }),
                aBucket({
                  name: 'media-full',
                  live: { ...live!, sizeBytes: live!.quotaBytes },
                }),
              ],
              problems: [],
            }),
          }),
          at,
        },
      );
    }

    it('counts and exports what is found, and keeps the search in the address', async () => {
      const user = userEvent.setup();
      await renderAt('/');
      expect(await screen.findByText('3 buckets')).toBeInTheDocument();
      await user.click(
        screen.getByRole('searchbox', { name: 'Search buckets' }),
      );
      await user.paste('media');
      expect(await screen.findByText('2 buckets')).toBeInTheDocument();
      expect(screen.getByText('?search=media')).toBeInTheDocument();
      await user.click(screen.getByRole('button', { name: 'Download CSV' }));
      expect(files[0].trim().split('\r\n')).toHaveLength(3);
      expect(files[0]).not.toContain('checkout-invoices');
    });

    it('opens as the address says', async () => {
      await renderAt('/?search=media&show=attention');
      expect(await screen.findByText('1 bucket')).toBeInTheDocument();
      expect(
        screen.getByRole('row', { name: /media-full/ }),
      ).toBeInTheDocument();
      expect(
        screen.getByRole('searchbox', { name: 'Search buckets' }),
      ).toHaveValue('media');
    });
  });

  it('has room for the size where the window is narrow', async () => {
    Object.assign(window, {
      matchMedia: () => ({
        matches: true,
        addEventListener: jest.fn(),
        removeEventListener: jest.fn(),
        addListener: jest.fn(),
        removeListener: jest.fn(),
      }),
    });
    try {
      await renderInPortal(<BucketsPage />, {
        api: rustfsApiMock({
          listBuckets: async () => ({
            asOf: AS_OF,
            freshness: 'live',
            items: [aBucket()],
            problems: [],
          }),
        }),
      });
      // The owner stands below the name, and the size beside it.
      const header = await screen.findByRole('rowheader', {
        name: /checkout-invoices/,
      });
      expect(within(header).getByText('checkout')).toBeInTheDocument();
      const headers = screen.getAllByRole('columnheader');
      expect(headers.map(({ textContent }) => textContent)).toEqual([
        'Name',
        'Size',
        'State',
        'Objects',
        'Versioning',
        'Lock',
      ]);
    } finally {
      Object.assign(window, { matchMedia: undefined });
    }
  });
});
