import { z } from 'zod';
import {
  type ApiError,
  apiError,
  invalidArgument,
  invalidRequest,
  noSuchResource,
} from '../http/ApiError';
import { sendEmptyJson, sendJson } from '../http/answers';
import type { Group } from '../iam/model';
import type { AdminCall } from './AdminCall';
import { route } from './routes';
import { noSuchUser } from './users';

export function noSuchGroup(name: string): ApiError {
  return noSuchResource(`group '${name}' does not exist`);
}

function requiredGroup(call: AdminCall, name: string): Group {
  const group = call.context.iam.groups.get(name);
  if (!group) {
    throw noSuchGroup(name);
  }
  return group;
}

function listGroups(call: AdminCall): void {
  call.require('admin:ListGroups');
  sendJson(
    call.exchange,
    call.context.iam.groups.all().map(group => group.name),
  );
}

function getGroup(call: AdminCall): void {
  call.require('admin:GetGroup');
  const group = requiredGroup(call, call.requiredQuery('group'));
  sendJson(call.exchange, {
    name: group.name,
    status: group.status,
    members: group.members,
    policy: group.policies.join(','),
    updatedAt: group.updatedAt,
  });
}

const membersSchema = z.object({
  group: z.string(),
  members: z.array(z.string()),
  groupStatus: z.enum(['enabled', 'disabled']),
  isRemove: z.boolean(),
});

async function updateMembers(call: AdminCall): Promise<void> {
  const { iam } = call.context;
  call.require('admin:AddUserToGroup');
  const body = await call.readJson(membersSchema);
  if (body.group === '' || /[=,]/.test(body.group)) {
    throw invalidArgument('group name contains reserved characters =,');
  }
  for (const member of body.members) {
    if (iam.sessions.get(member)) {
      throw apiError('MethodNotAllowed');
    }
    if (!iam.users.get(member)) {
      throw noSuchUser(member);
    }
  }
  const existing = iam.groups.get(body.group);
  if (body.isRemove) {
    const group = requiredGroup(call, body.group);
    iam.putGroup({
      ...group,
      members: group.members.filter(member => !body.members.includes(member)),
    });
  } else {
    iam.putGroup({
      name: body.group,
      status: body.groupStatus,
      members: [...new Set([...(existing?.members ?? []), ...body.members])],
      policies: existing?.policies ?? [],
    });
  }
  sendEmptyJson(call.exchange);
}

function setGroupStatus(call: AdminCall): void {
  call.require('admin:EnableGroup');
  const group = requiredGroup(call, call.requiredQuery('group'));
  const status = call.requiredQuery('status');
  if (status !== 'enabled' && status !== 'disabled') {
    throw invalidArgument('invalid status');
  }
  call.context.iam.putGroup({ ...group, status });
  sendEmptyJson(call.exchange);
}

function removeGroup(call: AdminCall): void {
  call.require('admin:RemoveUserFromGroup');
  const group = requiredGroup(call, call.parameters.group);
  if (group.members.length > 0) {
    throw invalidRequest('group is not empty');
  }
  call.context.iam.groups.remove(group.name);
  sendEmptyJson(call.exchange);
}

export const groupRoutes = [
  route('GET', 'v3/groups', listGroups),
  route('GET', 'v3/group', getGroup),
  route('PUT', 'v3/update-group-members', updateMembers),
  route('PUT', 'v3/set-group-status', setGroupStatus),
  route('DELETE', 'v3/group/{group}', removeGroup),
];
