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
      message: `There is an open request for ${
        type === 'secret'
          ? describeSecret(name)
          : `${type} ${name} on ${tenant}`
      } already: wait for its end, or have it withdrawn`,
    })),
  );
}

function describeSecret(name: string): string {
  const [cluster, namespace, secret] = name.split('/');
  return `Secret ${secret} in namespace ${namespace} of ${cluster}`;
}
