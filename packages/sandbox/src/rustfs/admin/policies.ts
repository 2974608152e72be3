import { z } from 'zod';
import {
  type ApiError,
  internalError,
  invalidArgument,
  invalidRequest,
  noSuchResource,
} from '../http/ApiError';
import { sendEmptyJson, sendJson } from '../http/answers';
import { nowWithNanoseconds, policyDate } from '../http/timestamps';
import { BUILTIN_POLICIES } from '../iam/builtinPolicies';
import type { Group, User } from '../iam/model';
import {
  parsePolicy,
  type PolicyDocument,
  PolicyParseError,
} from '../iam/policyDocument';
import type { AdminCall } from './AdminCall';
import { noSuchGroup } from './groups';
import { route } from './routes';
import { refuseUnknownQuery } from './users';

function unknownPolicy(): ApiError {
  return internalError('policy does not exist');
}

/** Reads a policy in a request; what is wrong with it is said as the server says it. */
function readPolicy(text: string): PolicyDocument {
  try {
    return parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyParseError) {
      throw invalidRequest(`io error: ${error.message}`);
    }
    throw error;
  }
}

function listPolicies(call: AdminCall): void {
  refuseUnknownQuery(call, 'failed to decode query');
  call.require('admin:ListUserPolicies');
  sendJson(
    call.exchange,
    Object.fromEntries(
      call.context.iam
        .allPolicies()
        .map(policy => [policy.name, policy.document]),
    ),
  );
}

function getPolicy(call: AdminCall): void {
  call.require('admin:GetPolicy');
  const policy = call.context.iam.policy(call.requiredQuery('name'));
  if (!policy) {
    throw noSuchResource('policy does not exist');
  }
  sendJson(call.exchange, {
    policy_name: policy.name,
    policy: policy.document,
    ...(policy.createdAt ? { create_date: policyDate(policy.createdAt) } : {}),
    ...(policy.updatedAt ? { update_date: policyDate(policy.updatedAt) } : {}),
  });
}

async function putPolicy(call: AdminCall): Promise<void> {
  call.require('admin:CreatePolicy');
  const name = call.requiredQuery('name');
  if (name === '' || /\s/.test(name)) {
    throw invalidArgument('policy name must not be empty or contain spaces');
  }
  call.context.iam.putPolicy(name, readPolicy(await call.readText()));
  sendEmptyJson(call.exchange);
}

function removePolicy(call: AdminCall): void {
  const { iam } = call.context;
  call.require('admin:DeletePolicy');
  const name = call.requiredQuery('name');
  if (Object.hasOwn(BUILTIN_POLICIES, name)) {
    throw internalError('io error: system policy can not be deleted');
  }
  if (iam.isPolicyInUse(name)) {
    throw internalError('policy in use');
  }
  iam.removePolicy(name);
  sendEmptyJson(call.exchange);
}

function splitNames(text: string): string[] {
  return text
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '');
}

/** Replaces all policies of a user or group. */
function setPolicy(call: AdminCall): void {
  const { iam } = call.context;
  call.require(
    'admin:AttachUserOrGroupPolicy',
    'admin:UpdatePolicyAssociation',
  );
  const policies = splitNames(call.requiredQuery('policyName', 'policy'));
  const holder = call.requiredQuery('userOrGroup', 'user-or-group');
  const isGroup = call.requiredQuery('isGroup', 'is-group');
  if (isGroup !== 'true' && isGroup !== 'false') {
    throw invalidArgument('failed to decode query');
  }
  if (isGroup === 'true') {
    const group = iam.groups.get(holder);
    if (!group) {
      throw noSuchGroup(holder);
    }
    requireKnown(call, policies);
    iam.putGroup({ ...group, policies });
  } else {
    const user = iam.users.get(holder);
    if (!user) {
      throw invalidArgument(
        holder === iam.root.accessKey
          ? 'cannot set a policy for the system user'
          : 'user not found',
      );
    }
    requireKnown(call, policies);
    iam.putUser({ ...user, policies });
  }
  sendEmptyJson(call.exchange);
}

function requireKnown(call: AdminCall, policies: string[]): void {
  if (policies.some(name => !call.context.iam.policy(name))) {
    throw unknownPolicy();
  }
}

const associationSchema = z.object({
  policies: z.array(z.string()),
  user: z.string().nullish(),
  group: z.string().nullish(),
});

interface Holder {
  policies: string[];
  updatedAt: string;
  save(policies: string[]): void;
  current(): string;
}

function findHolder(
  call: AdminCall,
  body: z.infer<typeof associationSchema>,
): Holder {
  if (body.policies.length === 0) {
    throw invalidArgument('no policy names were given');
  }
  const { iam } = call.context;
  if (body.user) {
    const user: User | undefined = iam.users.get(body.user);
    if (!user) {
      throw invalidArgument('user not exist');
    }
    return {
      ...user,
      save: policies => iam.putUser({ ...user, policies }),
      current: () => iam.users.get(user.accessKey)?.updatedAt ?? '',
    };
  }
  if (body.group) {
    const group: Group | undefined = iam.groups.get(body.group);
    if (!group) {
      throw noSuchGroup(body.group);
    }
    return {
      ...group,
      save: policies => iam.putGroup({ ...group, policies }),
      current: () => iam.groups.get(group.name)?.updatedAt ?? '',
    };
  }
  throw invalidArgument('no user or group association was given');
}

/** Adds policies to what a user or group has; what is there already is no error. */
async function attachPolicies(call: AdminCall): Promise<void> {
  call.require(
    'admin:AttachUserOrGroupPolicy',
    'admin:UpdatePolicyAssociation',
  );
  const body = await call.readJson(associationSchema);
  const holder = findHolder(call, body);
  requireKnown(call, body.policies);
  const added = body.policies.filter(name => !holder.policies.includes(name));
  if (added.length > 0) {
    holder.save([...holder.policies, ...added]);
  }
  sendJson(call.exchange, {
    ...(added.length > 0 ? { policiesAttached: added } : {}),
    updatedAt: holder.current(),
  });
}

async function detachPolicies(call: AdminCall): Promise<void> {
  call.require(
    'admin:AttachUserOrGroupPolicy',
    'admin:UpdatePolicyAssociation',
  );
  const body = await call.readJson(associationSchema);
  const holder = findHolder(call, body);
  const removed = body.policies.filter(name => holder.policies.includes(name));
  if (removed.length > 0) {
    holder.save(holder.policies.filter(name => !removed.includes(name)));
  }
  sendJson(call.exchange, {
    ...(removed.length > 0 ? { policiesDetached: removed } : {}),
    updatedAt: holder.current(),
  });
}

function listEntities(call: AdminCall): void {
  call.require('admin:ListGroups', 'admin:ListUsers', 'admin:ListUserPolicies');
  const { iam } = call.context;
  const { query } = call.exchange;
  const users = iam.users.all();
  const groups = iam.groups.all();
  const wantedUsers = query.getAll('user');
  const wantedGroups = query.getAll('group');
  const wantedPolicies = query.getAll('policy');
  const wantsAll =
    wantedUsers.length + wantedGroups.length + wantedPolicies.length === 0;

  const userMappings = users
    .filter(user => wantedUsers.includes(user.accessKey))
    .map(user => {
      const memberships = iam
        .groupsOf(user.accessKey)
        .filter(group => group.policies.length > 0);
      return {
        user: user.accessKey,
        policies: user.policies,
        ...(memberships.length > 0
          ? {
              memberOfMappings: memberships.map(group => ({
                group: group.name,
                policies: group.policies,
              })),
            }
          : {}),
      };
    });
  const groupMappings = groups
    .filter(group => wantedGroups.includes(group.name))
    .map(group => ({ group: group.name, policies: group.policies }));
  const policyMappings = iam
    .allPolicies()
    .filter(
      policy =>
        (wantsAll || wantedPolicies.includes(policy.name)) &&
        iam.isPolicyInUse(policy.name),
    )
    .map(policy => ({
      policy: policy.name,
      users: users
        .filter(user => user.policies.includes(policy.name))
        .map(user => user.accessKey),
      groups: groups
        .filter(group => group.policies.includes(policy.name))
        .map(group => group.name),
    }));
  sendJson(call.exchange, {
    timestamp: nowWithNanoseconds(),
    ...(userMappings.length > 0 ? { userMappings } : {}),
    ...(groupMappings.length > 0 ? { groupMappings } : {}),
    ...(policyMappings.length > 0 ? { policyMappings } : {}),
  });
}

export const policyRoutes = [
  route('GET', 'v3/list-canned-policies', listPolicies),
  route('GET', 'v3/info-canned-policy', getPolicy),
  route('PUT', 'v3/add-canned-policy', putPolicy),
  route('DELETE', 'v3/remove-canned-policy', removePolicy),
  route('PUT', 'v3/set-policy', setPolicy),
  route('PUT', 'v3/set-user-or-group-policy', setPolicy),
  route('POST', 'v3/idp/builtin/policy/attach', attachPolicies),
  route('POST', 'v3/idp/builtin/policy/detach', detachPolicies),
  route('GET', 'v3/idp/builtin/policy-entities', listEntities),
];
