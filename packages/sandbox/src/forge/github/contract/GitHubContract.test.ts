import { GitHubContract } from './GitHubContract';

const PULLS = '/repos/acme/atlas/pulls';

describe('GitHubContract', () => {
  const contract = new GitHubContract();

  it.each<[string, string, object, unknown, RegExp]>([
    ['POST', PULLS, {}, { head: 'a', base: 'b', titel: 'c' }, /additional properties/],
    ['POST', PULLS, {}, { head: 1, base: 'b', title: 'c' }, /head must be string/],
    ['POST', PULLS, {}, { head: 'a', title: 'c' }, /required property 'base'/],
    ['PATCH', `${PULLS}/1`, {}, { state: 'merged' }, /state must be equal to one/],
    ['GET', PULLS, { heads: 'acme:a' }, undefined, /takes no \?heads/],
    ['GET', PULLS, { per_page: 'many' }, undefined, /per_page.*must be integer/],
    [
      'POST',
      '/repos/acme/atlas/statuses/abc',
      {},
      { state: 'skipped' },
      /state must be equal to one/,
    ],
  ])('refuses a call that GitHub would not understand: %s %s %j %j', (...call) => {
    const [method, path, query, body, words] = call;
    expect(() =>
      contract.checkRequest(contract.find(method, path), {
        query: query as Record<string, unknown>,
        body,
      }),
    ).toThrow(words);
  });

  it('knows no call that GitHub does not have', () => {
    expect(() => contract.find('PUT', PULLS)).toThrow(/GitHub has no PUT/);
    expect(contract.find('GET', '/repos/acme/atlas/git/ref/heads/a/b').path).toBe(
      '/repos/{owner}/{repo}/git/ref/{ref}',
    );
  });

  it('refuses an answer that GitHub would not give, and completes one that it would', () => {
    const operation = contract.find('GET', `${PULLS}/1`);
    const answer = { number: 1, state: 'open' };
    expect(() => contract.checkAnswer(operation, 200, answer)).toThrow(
      /required property/,
    );
    const whole = contract.complete(operation, 200, answer);
    contract.checkAnswer(operation, 200, whole);
    expect(() =>
      contract.checkAnswer(operation, 200, {
        ...(whole as object),
        state: 'merged',
      }),
    ).toThrow(/state must be equal to one/);
  });
});
