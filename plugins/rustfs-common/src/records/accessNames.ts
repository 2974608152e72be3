const PREFIX = 'access-';

/**
 * The name that an access has in the lists of users and of policies of its Tenant; its policy is called so on the server,
 * too.
 *
 * @public
 */
export function accessEntryName(access: string): string {
  return `${PREFIX}${access}`;
}

/**
 * The access that has this name in the lists of its Tenant; undefined of what is no access.
 *
 * @public
 */
export function accessOfEntryName(entry: string): string | undefined {
  return entry.startsWith(PREFIX) && entry !== PREFIX
    ? entry.slice(PREFIX.length)
    : undefined;
}

/**
 * The policy of users whose access has ended, shared by all of them; a name that no access can have.
 *
 * @public
 */
export const DENYING_POLICY_NAME = 'rustfs-portal-denied';
