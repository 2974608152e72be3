import { ForgeError } from '../../types';
import { Clock } from './Clock';
import { ForgeHttp } from './ForgeHttp';
import { readLimit } from './readLimit';

const START = Date.parse('2026-11-20T10:00:00Z');

/** A clock that stands still unless somebody waits. */
class TestClock implements Clock {
  #now = START;
  readonly waits: number[] = [];

  now() {
    return this.#now;
  }

  async sleep(ms: number) {
    this.waits.push(ms);
    this.#now += ms;
  }
}

function setup(
  answers: Array<() => Response>,
  options: { writeGapMs?: number } = {},
) {
  const clock = new TestClock();
  const sent: string[] = [];
  const http = new ForgeHttp({
    host: 'git.acme.org',
    concurrency: 4,
    credentials: async repository => {
      const secret = repository === 'other/fleet' ? 'other' : 'sesame';
      return { authorization: `Bearer ${secret}`, secret };
    },
    explainRedirect: () => new ForgeError('moved', 'moved'),
    explainForeign: () => undefined,
    fetch: async (url, init) => {
      sent.push(`${init?.method} ${url}`);
      return answers.length > 1 ? answers.shift()!() : answers[0]();
    },
    clock,
    ...options,
  });
  const call = (method: 'GET' | 'POST', resource?: string) => ({
    method,
    resource,
    url: new URL('https://git.acme.org/api'),
    words: `${method} things`,
  });
  return {
    clock,
    sent,
    read: (repository = 'acme/atlas') => http.send(repository, call('GET')),
    write: () => http.send('acme/atlas', call('POST')),
    ask: (resource: string) => http.send('acme/atlas', call('GET', resource)),
  };
}

const limited = (headers: Record<string, string>, status = 403) =>
  new Response(
    JSON.stringify({ message: 'You have exceeded a secondary rate limit' }),
    { status, headers },
  );
const done = () => new Response('{}');

describe('ForgeHttp', () => {
  it.each<[string, () => Response, [number, boolean] | undefined]>([
    [
      'a seldom one that says for how long',
      () => limited({ 'retry-after': '90' }),
      [90, false],
    ],
    [
      'one that says until when, as a date',
      () => limited({ 'retry-after': 'Fri, 20 Nov 2026 10:02:00 GMT' }, 429),
      [120, false],
    ],
    [
      'one of the hour',
      () =>
        new Response('{"message":"API rate limit exceeded"}', {
          status: 403,
          headers: {
            'x-ratelimit-remaining': '0',
            'x-ratelimit-reset': String(START / 1000 + 600),
          },
        }),
      [600, true],
    ],
    [
      'one that does not say',
      () => new Response('', { status: 429 }),
      [60, false],
    ],
    [
      'no limit, but a missing right',
      () =>
        new Response('{"message":"Resource not accessible"}', { status: 403 }),
      undefined,
    ],
    [
      'the last call of an hour, which was done',
      () => new Response('{}', { headers: { 'x-ratelimit-remaining': '0' } }),
      undefined,
    ],
  ])('reads a rate limit: %s', async (_, answer, limit) => {
    const response = answer();
    const body = await response.text();
    expect(
      readLimit(
        {
          status: response.status,
          headers: response.headers,
          message: body ? JSON.parse(body).message ?? '' : '',
        },
        START,
      ),
    ).toEqual(
      limit && { until: START + limit[0] * 1000, isOfResource: limit[1] },
    );
  });

  it('waits for a short time and sends again what was turned away, a write too', async () => {
    const { clock, sent, write } = setup([
      () => limited({ 'retry-after': '2' }),
      done,
    ]);
    await expect(write()).resolves.toMatchObject({ status: 200 });
    expect(clock.waits).toEqual([2_000]);
    expect(sent).toHaveLength(2);
  });

  it('says until when it must not call, and does not call before', async () => {
    const { clock, sent, read, write } = setup([
      () => limited({ 'retry-after': '600' }),
      done,
    ]);
    await expect(read()).rejects.toMatchObject({
      reason: 'limited',
      until: new Date('2026-11-20T10:10:00Z'),
      message: expect.stringMatching(
        /^git\.acme\.org lets the portal make no calls before 2026-11-20T10:10:00\.000Z/,
      ),
    });
    await expect(write()).rejects.toMatchObject({ reason: 'limited' });
    expect(sent).toHaveLength(1);
    // Another installation of an app has limits of its own.
    await expect(read('other/fleet')).resolves.toMatchObject({ status: 200 });
    expect(sent).toHaveLength(2);
    expect(clock.waits).toEqual([]);
    await clock.sleep(600_000);
    await expect(read()).resolves.toMatchObject({ status: 200 });
  });

  it('keeps the limits of one kind of calls from those of another', async () => {
    const usedUp = () =>
      new Response('{"message":"API rate limit exceeded"}', {
        status: 403,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(START / 1000 + 600),
        },
      });
    const hourly = setup([usedUp, done]);
    await expect(hourly.ask('graphql')).rejects.toThrow(/no calls before/);
    await expect(hourly.ask('core')).resolves.toMatchObject({ status: 200 });
    await expect(hourly.ask('graphql')).rejects.toThrow(/no calls before/);
    // One for going too fast is about everything.
    const secondary = setup([() => limited({ 'retry-after': '600' }), done]);
    await expect(secondary.ask('graphql')).rejects.toThrow(/no calls before/);
    await expect(secondary.ask('core')).rejects.toThrow(/no calls before/);
    expect(secondary.sent).toHaveLength(1);
  });

  it('does not go on for ever where every wait is short', async () => {
    const { sent, read } = setup([() => limited({ 'retry-after': '1' })]);
    await expect(read()).rejects.toMatchObject({ reason: 'limited' });
    expect(sent).toHaveLength(3);
  });

  it('leaves time between writes where a forge asks for it, and none before reads', async () => {
    const { clock, read, write } = setup([done], { writeGapMs: 1_000 });
    await Promise.all([write(), write(), read()]);
    expect(clock.waits).toEqual([1_000]);
  });

  it('tells no secret that a server sends back', async () => {
    const { read } = setup([
      () =>
        new Response(
          JSON.stringify({
            message: 'Validation Failed',
            errors: [
              { message: 'sesame is no name' },
              { field: 'head', code: 'invalid' },
              'no',
            ],
          }),
          { status: 422 },
        ),
    ]);
    await expect(read()).resolves.toMatchObject({
      message: 'Validation Failed: <token> is no name: head invalid: no',
    });
  });
});
