import {
  accessEntryName,
  AccessRecord,
  buildDenyingPolicy,
  DENYING_POLICY_NAME,
  PolicyDocument,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  isRustfsError,
  KeyPair,
  KeyVerdict,
  RustfsError,
  ServerUser,
} from '../client';
import { policiesAgree } from './policiesAgree';
import { Work } from './Run';
import { ServerLists } from './ServerLists';
import { KeySecret, Verdict } from './types';
import { bad, drifted, settled } from './verdicts';

/** Policies that every server is born with; who may change them changes the rights of strangers. */
const BUILT_IN_POLICIES = new Set([
  'readwrite',
  'readonly',
  'writeonly',
  'diagnostics',
  'consoleAdmin',
  'KMSKeyAdministrator',
  'KMSKeyUser',
  'KMSAuditor',
]);

/** What all servers take as an access key and can check a signature with. */
const ACCESS_KEY_ID = /^[A-Za-z0-9._@-]{3,128}$/;
const SHORTEST_SECRET = 8;

/** What the lists show to differ; no call is made for it. */
export function compareAccess(
  record: AccessRecord,
  { users, policies }: ServerLists,
): string[] {
  if (users instanceof RustfsError || policies instanceof RustfsError) {
    return [];
  }
  const user = users.get(record.accessKeyId);
  const isRevoked = record.state === 'revoked';
  if (!user) {
    return isRevoked ? [] : ['the user is not there'];
  }
  const wanted = isRevoked ? DENYING_POLICY_NAME : record.policy;
  const document = isRevoked ? buildDenyingPolicy() : record.document;
  return [
    ...(policiesAgree(policies.get(wanted), document)
      ? []
      : ['what its policy says']),
    ...(hasOnly(user, wanted) ? [] : ['which policies the user has']),
    ...groupsOf(user, isRevoked),
    ...statusOf(user, isRevoked),
  ];
}

/** What settling an access may make where it is not there; nothing of a record or Secret that is refused. */
export function whatAccessMakes(
  record: AccessRecord,
  secret: KeySecret | undefined,
  self: string,
): { policies: string[]; users: string[] } {
  const { accessKeyId, policy, document, state } = record;
  const isUsable = ACCESS_KEY_ID.test(accessKeyId) && accessKeyId !== self;
  if (state !== 'active' || !document || !isUsable || isReserved(policy)) {
    return { policies: [], users: [] };
  }
  const pair = readPair(record, secret);
  return {
    policies: [policy],
    users: pair && 'accessKeyId' in pair ? [accessKeyId] : [],
  };
}

/** Makes policy and user of one access as its record says, or says what differs. */
export async function settleAccess(
  record: AccessRecord,
  secret: KeySecret | undefined,
  work: Work & { isSecretOpen: boolean },
): Promise<Verdict> {
  const { run, look } = work;
  const { users, policies } = run.lists;
  for (const list of [users, policies]) {
    if (list instanceof RustfsError) {
      throw list;
    }
  }
  const user = (users as Map<string, ServerUser>).get(record.accessKeyId);
  const refusal = refuse(record, user, work);
  if (refusal) {
    return refusal;
  }
  return record.state === 'revoked'
    ? revoke(record, user, work)
    : grant(record, secret, user, work, look);
}

function refuse(
  record: AccessRecord,
  user: ServerUser | undefined,
  { run }: Work,
): Verdict | undefined {
  const { accessKeyId } = record;
  if (!ACCESS_KEY_ID.test(accessKeyId)) {
    return bad(
      `The access key of access ${record.access} cannot be used: expected 3 to 128 letters, digits, dots, hyphens, underscores or @`,
    );
  }
  if (accessKeyId === run.self) {
    return {
      result: 'failed',
      reason: 'UserNotOurs',
      message: `User ${accessKeyId} is the one as which this program works: give access ${record.access} a user of its own`,
    };
  }
  if (user && !isOurs(record, user, run) && !record.adopt) {
    return {
      result: 'failed',
      reason: 'UserNotOurs',
      message: `User ${accessKeyId} is on the server already and was not made from this folder: use another access key, or put adopt: "true" into the record of access ${record.access} to have it taken over`,
    };
  }
  return undefined;
}

/**
 * Kept as made, or known by its policy: nobody else calls one so, and with no other and no group he has no right that this
 * could take away.
 */
function isOurs(record: AccessRecord, user: ServerUser, run: Work['run']) {
  const own = [accessEntryName(record.access), DENYING_POLICY_NAME];
  const isKnownByPolicy =
    user.groups.length === 0 &&
    user.policies.length > 0 &&
    user.policies.every(name => own.includes(name));
  return run.isOurs('users', user.name) || isKnownByPolicy;
}

async function revoke(
  record: AccessRecord,
  user: ServerUser | undefined,
  work: Work,
): Promise<Verdict> {
  const { accessKeyId } = record;
  if (!user) {
    return settled(
      `The access has ended: there is no user ${accessKeyId} on the server`,
    );
  }
  const differences = compareAccess(record, work.run.lists);
  if (work.look === 'compare') {
    return differences.length
      ? drifted(`The end of access ${record.access}`, differences)
      : settled(`The access has ended: user ${accessKeyId} is disabled`);
  }
  const { run, key } = work;
  // First what ends the key at once; sessions that are running end with the policy.
  if (user.enabled) {
    await run.change(key, `disable user ${accessKeyId}`, () =>
      run.client.setUserEnabled(accessKeyId, false),
    );
  }
  await putPolicy(DENYING_POLICY_NAME, buildDenyingPolicy(), work);
  await setPolicies(user, accessKeyId, DENYING_POLICY_NAME, work);
  run.take('users', accessKeyId);
  return settled(
    `The access has ended: user ${accessKeyId} is disabled and denied everything`,
  );
}

async function grant(
  record: AccessRecord,
  secret: KeySecret | undefined,
  user: ServerUser | undefined,
  work: Work & { isSecretOpen: boolean },
  look: Work['look'],
): Promise<Verdict> {
  const { accessKeyId, access, policy, document } = record;
  const { run, key } = work;
  if (!document) {
    return bad(
      `The record of access ${access} has no policy.json, so nothing says what the access may do`,
    );
  }
  const pair = readPair(record, secret);
  if (look === 'compare') {
    const differences = compareAccess(record, run.lists);
    if (pair && 'accessKeyId' in pair && user?.enabled) {
      differences.push(...describeKey(await run.client.tryKey(pair)));
    }
    return differences.length
      ? drifted(`Access ${access}`, differences)
      : settled(`User ${accessKeyId} has the access`);
  }
  const refusal = await grantPolicy(policy, document, record, work);
  if (refusal) {
    return refusal;
  }
  if (user) {
    await setPolicies(user, accessKeyId, policy, work);
    run.take('users', accessKeyId);
  }
  if (!pair) {
    return {
      result: 'waiting',
      reason: 'SecretMissing',
      message: `The Secret with the key of user ${accessKeyId} is not in the cluster yet`,
    };
  }
  if ('result' in pair) {
    return pair;
  }
  if (!user) {
    await run.change(key, `make user ${accessKeyId}`, () =>
      run.make('users', accessKeyId, async () => {
        await run.client.addUser(pair);
        run.meetSecret(key);
      }),
    );
    await setPolicies(undefined, accessKeyId, policy, work);
    return settled(`User ${accessKeyId} has the access`);
  }
  const refused = await setSecret(user, pair, work);
  if (refused) {
    return refused;
  }
  const remaining = [...groupsOf(user, false), ...statusOf(user, false)];
  return remaining.length
    ? drifted(`Access ${access}`, remaining)
    : settled(`User ${accessKeyId} has the access`);
}

/** The key of the access; a verdict where the Secret does not hold it. */
function readPair(
  { access, accessKeyId }: AccessRecord,
  secret: KeySecret | undefined,
): KeyPair | Verdict | undefined {
  if (!secret) {
    return undefined;
  }
  const { pair } = secret;
  if (!pair) {
    return bad(
      `The Secret with the key of access ${access} has to be one, with accesskey and secretkey`,
    );
  }
  if (pair.accessKeyId !== accessKeyId) {
    return bad(
      `The Secret of access ${access} is for another user than ${accessKeyId}, whom the record names`,
    );
  }
  return pair.secretAccessKey.length < SHORTEST_SECRET
    ? bad(
        `The secret key of access ${access} is too short: expected ${SHORTEST_SECRET} characters or more`,
      )
    : pair;
}

async function grantPolicy(
  name: string,
  document: PolicyDocument,
  record: AccessRecord,
  work: Work,
): Promise<Verdict | undefined> {
  const { run } = work;
  const policies = run.lists.policies as Map<string, unknown>;
  const live = policies.get(name);
  const isOurOwn =
    name === accessEntryName(record.access) || run.isOurs('policies', name);
  if (isReserved(name) || (live && !isOurOwn && !record.adopt)) {
    return {
      result: 'failed',
      reason: 'PolicyNotOurs',
      message: `Policy ${name} is on the server already and not that of access ${
        record.access
      }: expected ${accessEntryName(record.access)}`,
    };
  }
  try {
    await run.make('policies', name, () => putPolicy(name, document, work));
    return undefined;
  } catch (error) {
    const isRefusal =
      isRustfsError(error, 'refused') ||
      (isRustfsError(error, 'unexpected') && error.code === 'InternalError');
    if (isRefusal) {
      return {
        result: 'failed',
        reason: 'PolicyRefused',
        message: error.message,
      };
    }
    throw error;
  }
}

async function putPolicy(
  name: string,
  document: PolicyDocument,
  { run, key }: Work,
) {
  const policies = run.lists.policies as Map<string, unknown>;
  if (policiesAgree(policies.get(name), document)) {
    return;
  }
  await run.change(key, `set policy ${name}`, async () => {
    await run.client.putPolicy(name, document);
    // Accesses that have ended share one.
    policies.set(name, document);
  });
}

async function setPolicies(
  user: ServerUser | undefined,
  accessKeyId: string,
  policy: string,
  { run, key }: Work,
) {
  if (!user || !hasOnly(user, policy)) {
    await run.change(
      key,
      `give user ${accessKeyId} policy ${policy} and no other`,
      () => run.client.setUserPolicies(accessKeyId, [policy]),
    );
  }
}

async function setSecret(
  user: ServerUser,
  pair: KeyPair,
  { run, key, isSecretOpen }: Work & { isSecretOpen: boolean },
): Promise<Verdict | undefined> {
  if (user.enabled) {
    const said = await run.client.tryKey(pair);
    if (said === 'accepted') {
      run.meetSecret(key);
      return undefined;
    }
    if (said === 'refused') {
      // Somebody has disabled or removed him since the lists were read, which setting the secret could undo.
      return refusesKey(pair);
    }
  } else if (!isSecretOpen) {
    // The key of a disabled user is refused, whatever its secret is: nothing more is to be learned.
    return undefined;
  }
  let isGone = false;
  await run.change(
    key,
    `set the secret of user ${pair.accessKeyId}`,
    async () => {
      try {
        await run.client.setUserSecret(pair);
      } catch (error) {
        if (!isRustfsError(error, 'unsupported')) {
          throw error;
        }
        // Servers before 1.0.0 set the secret and the status together, so the status has to be that of now.
        const users = await run.client.listUsers();
        const fresh = users.find(({ name }) => name === user.name);
        if (!fresh) {
          isGone = true;
          return;
        }
        await run.client.addUser(pair, { enabled: fresh.enabled });
      }
      run.meetSecret(key);
    },
  );
  return isGone ? refusesKey(pair) : undefined;
}

function refusesKey({ accessKeyId }: KeyPair): Verdict {
  return {
    result: 'waiting',
    reason: 'ServerFailed',
    message: `The server refuses the key of user ${accessKeyId} as if he were disabled or gone since this run began; the next run looks again`,
  };
}

function describeKey(said: KeyVerdict): string[] {
  switch (said) {
    case 'accepted':
      return [];
    case 'refused':
      return ['the server refuses the key, as of a user who is disabled'];
    default:
      return ['the secret'];
  }
}

function isReserved(policy: string): boolean {
  return BUILT_IN_POLICIES.has(policy) || policy === DENYING_POLICY_NAME;
}

function hasOnly({ policies }: ServerUser, policy: string) {
  return policies.length === 1 && policies[0] === policy;
}

function statusOf({ enabled }: ServerUser, isRevoked: boolean): string[] {
  if (isRevoked) {
    return enabled ? ['the user is enabled'] : [];
  }
  return enabled
    ? []
    : [
        'the user is disabled on the server, and stays so until somebody enables him',
      ];
}

function groupsOf({ groups }: ServerUser, isRevoked: boolean): string[] {
  return groups.length && !isRevoked
    ? [`the user is in ${groups.join(', ')}, with the rights of that group`]
    : [];
}
