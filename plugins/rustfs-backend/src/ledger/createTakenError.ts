import { ConflictError } from '@backstage/errors';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { RequestClaim } from '@rustfs-portal/plugin-rustfs-node';
import { createConflictError } from '../errors';

/** The answer to a request for what open requests of others hold. */
export function createTakenError(
  { subject: { tenant } }: Pick<StorageRequest, 'subject'>,
  taken: RequestClaim[],
): ConflictError {
  return createConflictError(
    taken.map(({ field, name, type }) => ({
      field,
      message: `There is an open request for ${type} ${name} on ${tenant} already: wait for its end, or have it withdrawn`,
    })),
  );
}
