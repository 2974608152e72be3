import {
  accessRequestPermission,
  AccessRevocation,
  accessRevokeSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import { RequestClaim, RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { secretNameOf } from './names';
import { parseInput } from '../../parseInput';

/** The end of an access: its key stops working, and its Secrets go. */
export const accessRevoke: RequestKind<AccessRevocation> = {
  id: 'access-revoke',
  permission: accessRequestPermission,
  edits: 'existing',
  ends: true,
  // A key that somebody wants to be gone does not wait for the request that made it.
  supersedes: ['access-create'],
  parse: input => parseInput(accessRevokeSchema, input),
  subject: input => ({
    type: 'access',
    tenant: input.tenant,
    name: input.access,
  }),
  claims: ({ access }, { tenant: { accesses } }) => [
    { type: 'access', name: access, holds: 'existence', field: 'access' },
    // Goes last, in a pull request of its own where it is declared elsewhere: until then nobody makes another of that name.
    ...accesses
      .filter(known => known.access === access)
      .map(
        ({ consumer }): RequestClaim => ({
          type: 'secret',
          name: secretNameOf(consumer),
          holds: 'use',
          field: 'access',
        }),
      ),
  ],
  check(input, { owner, tenant: known }) {
    const found = known.accesses.find(({ access }) => access === input.access);
    if (!found || found.owner !== owner) {
      // Whether it is there is not for others to know.
      return [
        {
          field: 'access',
          message: `${owner} has no access ${input.access} on ${known.ref}; choose one of its own`,
        },
      ];
    }
    return found.state === 'revoked'
      ? [
          {
            field: 'access',
            message: `The access ${input.access} has ended already`,
            isDone: true,
          },
        ]
      : [];
  },
  consumer(input, { tenant: { accesses } }) {
    const access = accesses.find(known => known.access === input.access);
    return access && { ...access.consumer, access };
  },
  declarations(request, declared) {
    const { input, createdAt } = request;
    const before = declared.accesses.find(({ name }) => name === input.access);
    return before
      ? [
          {
            ...before,
            policy: undefined,
            state: 'revoked',
            revokedAt: createdAt,
          },
        ]
      : [];
  },
  subjects: input => [
    { type: 'access', tenant: input.tenant, name: input.access },
  ],
  words: ({ input }) => ({
    title: `End access ${input.access} on ${input.tenant}`,
    summary: `Ends access \`${input.access}\` on tenant \`${input.tenant}\`: its key stops working.`,
    facts: [
      ['Reason', input.purpose],
      ['Access', input.access],
    ],
    ready: 'The key has stopped working: its user is denied everything',
    notes: [
      'The user gets a policy that denies everything, which ends running sessions too, and a secret that nobody keeps. The Secret of the workload goes.',
      'A bucket that everybody may read stays readable for everybody.',
    ],
  }),
};
