import { ResponseError } from '@backstage/errors';
import { describeIssues, readIssues } from './requestIssues';

describe('issues of a request', () => {
  it.each([
    ['consumer.secret', 'Name of the Secret'],
    ['consumer', 'Secret'],
    ['newBuckets.0.bucket', 'Bucket name'],
    ['newBuckets.2', 'New buckets'],
    ['scope.bucket', 'Buckets'],
    ['scope', 'Buckets'],
    // A field that no form has, as another package or an address has them.
    ['limit', 'limit'],
  ])('of %s are told under the title of the form: %s', (field, title) => {
    expect(describeIssues([{ field, message: 'Not this one' }])).toBe(
      `${title}: Not this one`,
    );
  });

  it('are read from an answer, where it has some', async () => {
    const issues = [{ field: 'quota', message: 'A quota is more than zero' }];
    const answer = (error: object) =>
      ResponseError.fromResponse(
        Response.json(
          {
            error: { name: 'InputError', message: 'x', ...error },
            response: { statusCode: 400 },
          },
          { status: 400 },
        ) as never,
      );
    expect(readIssues(await answer({ issues }))).toEqual(issues);
    expect(readIssues(await answer({}))).toBeUndefined();
    expect(readIssues(await answer({ issues: 'many' }))).toBeUndefined();
    expect(readIssues(new TypeError('Failed to fetch'))).toBeUndefined();
  });
});
