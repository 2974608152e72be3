import { randomUUID } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { isError } from '@backstage/errors';
import { createUnavailableError } from '../errors';
import { readError } from '../routes/answerErrors';

/**
 * The same registry, for actions whose errors were made to be read: the registry hands on the words of any error, to
 * whoever calls. Of others there is an id, and the log has what it stands for.
 */
export function inReadableErrors(
  registry: ActionsRegistryService,
  logger: LoggerService,
): ActionsRegistryService {
  return {
    register(options) {
      registry.register({
        ...options,
        action: context =>
          options.action(context).catch(thrown => {
            throw toReadable(thrown, options.name, logger);
          }),
      });
    },
  };
}

function toReadable(
  thrown: unknown,
  name: string,
  logger: LoggerService,
): Error {
  const read = readError(thrown);
  if (read && isError(thrown) && read.name === thrown.name) {
    return thrown;
  }
  const id = randomUUID();
  logger.error(
    `Action ${name} failed, request ${id}`,
    isError(thrown) ? thrown : new Error(String(thrown)),
  );
  return read
    ? createUnavailableError(read.message, read.retryAfter ?? 5)
    : new Error(
        `Something in the portal went wrong. Whoever runs it finds the cause in the log, under request ${id}`,
      );
}
