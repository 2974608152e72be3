import {
  AccountBucket,
  ProvisioningClient,
  RustfsError,
  isRustfsError,
  ServerIdentity,
  ServerUser,
} from '../client';

/**
 * What is on the server, from calls whose number does not grow with what is there. Changes of a run are not in it.
 */
export interface ServerLists {
  identity: ServerIdentity;
  /** A server that is no RustFS names its buckets and says no more. */
  buckets: Map<string, Partial<AccountBucket> & { name: string }>;
  /** The error says why they are not known. */
  users: Map<string, ServerUser> | RustfsError;
  policies: Map<string, unknown> | RustfsError;
}

/**
 * @param options - `bucketsOnly`: users and policies do not matter, so they are not asked for and seem to be none
 * @throws RustfsError when not even the buckets can be listed
 */
export async function readServerLists(
  client: ProvisioningClient,
  options: { bucketsOnly?: boolean } = {},
): Promise<ServerLists> {
  const identity = await client.identify();
  if (identity.product === 'minio') {
    const unsupported = new RustfsError({
      reason: 'unsupported',
      operation: 'make users and policies',
      endpoint: client.endpoint,
      detail: 'it is a MinIO server, whose calls for them are encrypted',
      hint: 'Make users and policies with its own tools; buckets are made and set here.',
    });
    const names = await client.listBuckets();
    return {
      identity,
      buckets: new Map(names.map(name => [name, { name }])),
      users: unsupported,
      policies: unsupported,
    };
  }
  const account = await client.accountInfo();
  const buckets = new Map(account.buckets.map(bucket => [bucket.name, bucket]));
  if (options.bucketsOnly) {
    return { identity, buckets, users: new Map(), policies: new Map() };
  }
  return {
    identity,
    buckets,
    users: await orError(async () => {
      const users = await client.listUsers();
      return new Map(users.map(user => [user.name, user]));
    }),
    policies: await orError(() => client.listPolicies()),
  };
}

/** Without users there are buckets still; without a server there is nothing. */
async function orError<T>(read: () => Promise<T>): Promise<T | RustfsError> {
  try {
    return await read();
  } catch (error) {
    if (isRustfsError(error, 'denied', 'unsupported', 'unexpected')) {
      return error;
    }
    throw error;
  }
}
