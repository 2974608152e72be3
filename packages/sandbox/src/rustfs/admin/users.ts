import { z } from 'zod';
import {
  type ApiError,
  internalError,
  invalidArgument,
  invalidRequest,
  noSuchResource,
} from '../http/ApiError';
import { sendEmptyJson, sendJson } from '../http/answers';
import type { User } from '../iam/model';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

const MIN_ACCESS_KEY = 3;
const MIN_SECRET_KEY = 8;

export function noSuchUser(accessKey: string): ApiError {
  return noSuchResource(`user '${accessKey}' does not exist`);
}

/** Some lists refuse every query but one on a bucket. */
export function refuseUnknownQuery(call: AdminCall, message: string): void {
  const { query } = call.exchange;
  if (query.names.length > 0 && !query.has('bucket')) {
    throw invalidArgument(message);
  }
}

function describeUser(call: AdminCall, user: User) {
  const groups = call.context.iam
    .groupsOf(user.accessKey)
    .map(group => group.name);
  return {
    ...(user.policies.length > 0
      ? { policyName: user.policies.join(',') }
      : {}),
    status: user.status,
    ...(user.policies.length > 0 || groups.length > 0
      ? { memberOf: groups }
      : {}),
    updatedAt: user.updatedAt,
  };
}

function listUsers(call: AdminCall): void {
  refuseUnknownQuery(call, 'failed to decode query');
  call.require('admin:ListUsers');
  sendJson(
    call.exchange,
    Object.fromEntries(
      call.context.iam.users
        .all()
        .map(user => [user.accessKey, describeUser(call, user)]),
    ),
  );
}

function getUser(call: AdminCall): void {
  const accessKey = call.requiredQuery('accessKey');
  if (accessKey === call.identity.account) {
    call.requireUnlessDenied('admin:GetUser');
  } else {
    call.require('admin:GetUser');
  }
  const user = call.context.iam.users.get(accessKey);
  if (!user) {
    throw noSuchUser(accessKey);
  }
  sendJson(call.exchange, describeUser(call, user));
}

const newUserSchema = z.object({
  secretKey: z.string(),
  status: z.enum(['enabled', 'disabled']),
});

async function putUser(call: AdminCall): Promise<void> {
  const { iam } = call.context;
  const accessKey = call.query('accessKey', 'access-key');
  if (!accessKey) {
    throw invalidArgument('access key is empty');
  }
  if (accessKey === call.identity.accessKey) {
    call.requireUnlessDenied('admin:CreateUser');
  } else {
    call.require('admin:CreateUser');
  }
  const body = await call.readJson(newUserSchema);
  if (accessKey === iam.root.accessKey || /\s/.test(accessKey)) {
    throw invalidArgument(
      accessKey === iam.root.accessKey
        ? 'cannot create a user with the system access key'
        : 'access key must not contain whitespace',
    );
  }
  if (accessKey.length < MIN_ACCESS_KEY) {
    throw internalError('failed to create user: invalid access key length');
  }
  if (/[=,]/.test(accessKey)) {
    throw internalError(
      'failed to create user: access key contains reserved characters =,',
    );
  }
  if (body.secretKey.length < MIN_SECRET_KEY) {
    throw internalError('failed to create user: invalid secret key length');
  }
  iam.putUser({
    accessKey,
    secretKey: body.secretKey,
    status: body.status,
    policies: iam.users.get(accessKey)?.policies ?? [],
  });
  sendEmptyJson(call.exchange);
}

const secretSchema = z.object({ secret_key: z.string() });

async function rotateSecret(call: AdminCall): Promise<void> {
  const { iam } = call.context;
  call.require('admin:CreateUser');
  const accessKey = call.requiredQuery('accessKey');
  const body = await call.readJson(secretSchema);
  if (accessKey === iam.root.accessKey) {
    throw invalidRequest(
      'the root identity is provisioned from the server environment and cannot be changed at runtime',
    );
  }
  if (iam.serviceAccounts.get(accessKey) || iam.sessions.get(accessKey)) {
    throw invalidRequest('the secret key of this account cannot be changed');
  }
  const user = iam.users.get(accessKey);
  if (!user) {
    throw noSuchUser(accessKey);
  }
  if (body.secret_key.length < MIN_SECRET_KEY) {
    throw invalidArgument('the new secret key is too short');
  }
  iam.putUser({ ...user, secretKey: body.secret_key });
  sendJson(call.exchange, { sessions_revoked: iam.endSessions(accessKey) });
}

function setStatus(call: AdminCall): void {
  const { iam } = call.context;
  call.require('admin:EnableUser');
  const accessKey = call.requiredQuery('accessKey');
  const status = call.requiredQuery('status');
  if (accessKey === call.identity.accessKey) {
    throw invalidArgument('cannot change the status of the current user');
  }
  if (status !== 'enabled' && status !== 'disabled') {
    throw invalidArgument(`invalid account status: ${status}`);
  }
  const user = iam.users.get(accessKey);
  if (!user) {
    throw internalError(
      `failed to set user status: user '${accessKey}' does not exist`,
    );
  }
  iam.putUser({ ...user, status });
  sendEmptyJson(call.exchange);
}

function removeUser(call: AdminCall): void {
  const { iam } = call.context;
  call.require('admin:DeleteUser');
  const accessKey = call.requiredQuery('accessKey');
  if (accessKey === call.identity.accessKey) {
    throw invalidArgument('cannot remove the current user');
  }
  if (
    accessKey === iam.root.accessKey ||
    iam.serviceAccounts.get(accessKey) ||
    iam.sessions.get(accessKey)
  ) {
    throw invalidRequest('this account cannot be removed');
  }
  if (!iam.users.get(accessKey)) {
    throw noSuchUser(accessKey);
  }
  iam.removeUser(accessKey);
  sendEmptyJson(call.exchange);
}

export const userRoutes = [
  route('GET', 'v3/list-users', listUsers),
  route('GET', 'v3/user-info', getUser),
  route('PUT', 'v3/add-user', putUser),
  route('PUT', 'v3/set-user-secret-key', rotateSecret),
  route('PUT', 'v3/set-user-status', setStatus),
  route('DELETE', 'v3/remove-user', removeUser),
];
