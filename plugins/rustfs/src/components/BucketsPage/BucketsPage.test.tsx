import { act, screen } from '@testing-library/react';
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
});
