import { mockServices } from '@backstage/backend-test-utils';
import { ServiceUnavailableError } from '@backstage/errors';
import express from 'express';
import request from 'supertest';
import { TooManyRequestsError } from '../access';
import { answerErrors } from './answerErrors';

async function answerTo(thrown: unknown) {
  const logger = mockServices.logger.mock();
  const app = express();
  app.get('/', () => {
    throw thrown;
  });
  app.use(answerErrors({ logger }));
  return { logger, response: await request(app).get('/?a=b') };
}

describe('answerErrors', () => {
  it.each<[string, unknown]>([
    ['an error of a library', new TypeError('x of /opt/portal is not a y')],
    [
      'the answer that another part gave to a client of ours',
      Object.assign(new Error('Request failed with 404 hunter2'), {
        name: 'ResponseError',
        statusCode: 404,
      }),
    ],
    [
      'a database that refuses',
      Object.assign(new Error('insert into "requests" …'), { code: '23505' }),
    ],
    ['what is no error', 'select * from requests'],
  ])('says of %s only where to look', async (_, thrown) => {
    const { logger, response } = await answerTo(thrown);
    const id = response.headers['x-request-id'];
    expect(response.status).toBe(500);
    expect(response.body).toEqual({
      error: {
        name: 'Error',
        message: `Something in the portal went wrong. Whoever runs it finds the cause in the log, under request ${id}`,
      },
      request: { method: 'GET', url: '/?a=b' },
      response: { statusCode: 500 },
    });
    expect(response.headers['cache-control']).toBe('no-store');
    expect(logger.error).toHaveBeenCalledWith(
      expect.stringContaining(id),
      expect.anything(),
    );
  });

  it.each<[string, Error]>([
    [
      'has no connection left',
      Object.assign(new Error('Timeout acquiring a connection'), {
        name: 'KnexTimeoutError',
      }),
    ],
    [
      'is not there',
      Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), {
        code: 'ECONNREFUSED',
      }),
    ],
  ])('asks to come again when the database %s', async (_, thrown) => {
    const { response } = await answerTo(thrown);
    expect(response.status).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.text).not.toMatch(/acquiring|ECONN|10\.0\.0\.7/);
  });

  it('says when who asked too often may ask again', async () => {
    const { response } = await answerTo(
      new TooManyRequestsError('At most 10 previews in a minute', {
        retryAfter: 12,
      }),
    );
    expect(response.status).toBe(429);
    expect(response.headers['retry-after']).toBe('12');
    expect(response.body.error).toEqual({
      name: 'TooManyRequestsError',
      message: 'At most 10 previews in a minute',
    });
  });

  it('leaves out what else an error has', async () => {
    const { response } = await answerTo(
      Object.assign(new ServiceUnavailableError('The forge does not answer'), {
        config: { token: 'hunter2' },
      }),
    );
    expect(response.status).toBe(503);
    expect(response.body.error).toEqual({
      name: 'ServiceUnavailableError',
      message: 'The forge does not answer',
    });
  });
});
