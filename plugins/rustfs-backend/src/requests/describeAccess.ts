import {
  AccessRecord,
  DENYING_POLICY_NAME,
} from '@rustfs-portal/plugin-rustfs-common';
import { ServerUser } from '@rustfs-portal/plugin-rustfs-client';
import { ServerObservation } from './observations';

/**
 * Compares an access with what was asked for, and with the users of the server. The portal has no key to try, and wants none: a user who is enabled,
 * with exactly the policies that are declared, is what makes the key work, or stop working.
 */
export function describeAccess(
  record: AccessRecord,
  wanted: AccessRecord['state'],
  users: ServerUser[],
): ServerObservation {
  const { access, accessKeyId, state } = record;
  if (state !== wanted) {
    return waiting(
      wanted === 'active'
        ? `Access ${access}, which has ended: its record in the cluster says so`
        : `The end of access ${access}: its record in the cluster does not say so yet`,
    );
  }
  const user = users.find(({ name }) => name === accessKeyId);
  if (!user) {
    return waiting(
      state === 'revoked'
        ? `User ${accessKeyId} on the server, which it does not have: it may have been removed by hand`
        : `User ${accessKeyId}, whom the server does not have yet`,
    );
  }
  const policy = state === 'revoked' ? DENYING_POLICY_NAME : record.policy;
  if (user.policies.length !== 1 || user.policies[0] !== policy) {
    return waiting(
      `Policy ${policy} alone for user ${accessKeyId}: the server has ${
        user.policies.join(', ') || 'none'
      }`,
    );
  }
  return user.enabled || state === 'revoked'
    ? { state: 'agrees' }
    : waiting(
        `User ${accessKeyId} to be enabled: somebody has disabled him on the server`,
      );
}

function waiting(waitingFor: string): ServerObservation {
  return { state: 'waiting', waitingFor };
}
