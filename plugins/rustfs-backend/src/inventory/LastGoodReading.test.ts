import { mockServices } from '@backstage/backend-test-utils';
import { LastGoodReading } from './LastGoodReading';

const logger = mockServices.logger.mock();

/** A source whose answers the test gives one by one. */
function source() {
  const waiting: Array<{
    resolve: (value: string) => void;
    reject: (error: Error) => void;
  }> = [];
  return {
    read: jest.fn(
      () =>
        new Promise<string>((resolve, reject) => {
          waiting.push({ resolve, reject });
        }),
    ),
    answer: (value: string) => waiting.shift()!.resolve(value),
    fail: (message: string) => waiting.shift()!.reject(new Error(message)),
  };
}

describe('LastGoodReading', () => {
  beforeEach(() => {
    jest.useFakeTimers({ now: Date.parse('2026-11-21T10:00:00Z') });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('asks once for callers at the same time and for a few seconds', async () => {
    const { read, answer } = source();
    const reading = new LastGoodReading({ key: 'k', read, logger });
    const both = Promise.all([reading.get(), reading.get()]);
    answer('one');
    const [first, second] = await both;
    expect(first).toEqual({ value: 'one', asOf: '2026-11-21T10:00:00.000Z' });
    expect(second).toBe(first);

    jest.advanceTimersByTime(4_900);
    expect(await reading.get()).toBe(first);
    expect(read).toHaveBeenCalledTimes(1);

    jest.advanceTimersByTime(200);
    const later = reading.get();
    answer('two');
    expect((await later).value).toBe('two');
  });

  it('keeps the last good value beside the error, with its time', async () => {
    const { read, answer, fail } = source();
    const reading = new LastGoodReading({ key: 'k', read, logger });
    const first = reading.get();
    answer('one');
    await first;

    jest.advanceTimersByTime(60_000);
    const second = reading.get();
    fail('away');
    expect(await second).toEqual({
      value: 'one',
      asOf: '2026-11-21T10:00:00.000Z',
      error: new Error('away'),
    });
  });

  it('says nothing but the error when there never was an answer', async () => {
    const { read, fail } = source();
    const reading = new LastGoodReading({ key: 'k', read, logger });
    const first = reading.get();
    fail('away');
    expect(await first).toEqual({
      value: undefined,
      asOf: '2026-11-21T10:00:00.000Z',
      error: new Error('away'),
    });
  });

  it('does not make callers wait for a source that failed last time', async () => {
    const { read, answer, fail } = source();
    const reading = new LastGoodReading({ key: 'k', read, logger });
    const first = reading.get();
    fail('away');
    await first;

    jest.advanceTimersByTime(5_100);
    const impatient = reading.get();
    await jest.advanceTimersByTimeAsync(400);
    expect(await impatient).toMatchObject({ error: new Error('away') });

    // The question is still under way, and its answer counts.
    answer('back');
    await jest.advanceTimersByTimeAsync(0);
    expect(await reading.get()).toMatchObject({ value: 'back' });
    expect(read).toHaveBeenCalledTimes(2);
  });

  it('asks again after something has changed, past an answer under way', async () => {
    const { read, answer } = source();
    const reading = new LastGoodReading({ key: 'k', read, logger });
    const old = reading.get();
    reading.invalidate();
    const fresh = reading.get();
    answer('before');
    answer('after');
    expect((await old).value).toBe('before');
    expect((await fresh).value).toBe('after');
    expect((await reading.get()).value).toBe('after');
  });

  it('knows what another replica, or an earlier run, has seen', async () => {
    const cache = mockServices.cache.mock();
    const kept = new Map<string, unknown>();
    cache.set.mockImplementation(async (key, value) => {
      kept.set(key, value);
    });
    cache.get.mockImplementation(async key => kept.get(key) as undefined);
    const one = source();
    const first = new LastGoodReading({
      key: 'k',
      ...one,
      cache,
      logger,
    }).get();
    one.answer('one');
    await first;

    jest.advanceTimersByTime(3_600_000);
    const two = source();
    const second = new LastGoodReading({
      key: 'k',
      ...two,
      cache,
      logger,
    }).get();
    two.fail('away');
    expect(await second).toEqual({
      value: 'one',
      asOf: '2026-11-21T10:00:00.000Z',
      error: new Error('away'),
    });
  });

  it('does without a cache that fails', async () => {
    const cache = mockServices.cache.mock({
      get: async () => {
        throw new Error('cache is away');
      },
      set: async () => {
        throw new Error('cache is away');
      },
    });
    const { read, answer, fail } = source();
    const reading = new LastGoodReading({ key: 'k', read, cache, logger });
    const first = reading.get();
    answer('one');
    expect(await first).toMatchObject({ value: 'one' });
    jest.advanceTimersByTime(6_000);
    const second = reading.get();
    fail('away');
    expect(await second).toMatchObject({ value: 'one' });
  });
});
