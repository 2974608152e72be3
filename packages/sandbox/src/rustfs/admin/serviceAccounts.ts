import { z } from 'zod';
import {
  type ApiError,
  apiError,
  internalError,
  invalidArgument,
  invalidRequest,
  noSuchResource,
} from '../http/ApiError';
import { send, sendEmptyJson, sendJson } from '../http/answers';
import { generateKeys } from '../iam/generateKeys';
import type { ServiceAccount } from '../iam/model';
import { parsePolicy, type PolicyDocument } from '../iam/policyDocument';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

const policyField = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .nullish();

const newAccountSchema = z.object({
  policy: policyField,
  targetUser: z.string().nullish(),
  accessKey: z.string().nullish(),
  secretKey: z.string().nullish(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  expiration: z.string().nullish(),
  comment: z.string().nullish(),
});

function noSuchAccount(accessKey: string): ApiError {
  return noSuchResource(`service account '${accessKey}' does not exist`);
}

function readPolicyField(
  value: z.infer<typeof policyField>,
): PolicyDocument | undefined {
  if (value === undefined || value === null || value === '') {
    return undefined;
  }
  try {
    return parsePolicy(
      typeof value === 'string' ? value : JSON.stringify(value),
    );
  } catch {
    throw invalidArgument(
      'Policy format is invalid. Please check the JSON structure and ensure it follows the IAM policy format.',
    );
  }
}

function readExpiration(value: string | null | undefined): string | undefined {
  if (!value) {
    return undefined;
  }
  const time = Date.parse(value);
  if (Number.isNaN(time) || time <= Date.now()) {
    throw invalidRequest('the expiration time should be in the future');
  }
  // Seconds are enough; the server leaves the fraction out where it is zero.
  return new Date(time).toISOString().replace('.000Z', 'Z');
}

function checkSecret(secretKey: string): void {
  if (secretKey.length < 8 || secretKey.length > 40) {
    throw invalidArgument('invalid secret key length');
  }
}

function readKeys(
  call: AdminCall,
  body: z.infer<typeof newAccountSchema>,
): { accessKey: string; secretKey: string } {
  const { accessKey, secretKey } = body;
  if (!accessKey && !secretKey) {
    return generateKeys();
  }
  if (!secretKey) {
    throw internalError(
      'create service account failed, e: NoSecretKeyWithAccessKey',
    );
  }
  if (!accessKey) {
    throw internalError(
      'create service account failed, e: NoAccessKeyWithSecretKey',
    );
  }
  if (accessKey.length < 3 || accessKey.length > 128) {
    throw invalidArgument('invalid access key length');
  }
  checkSecret(secretKey);
  if (call.context.iam.isKeyTaken(accessKey)) {
    throw invalidArgument('access key is already in use');
  }
  return { accessKey, secretKey };
}

function checkName(name: string | null | undefined): void {
  if (name && !/^[A-Za-z][A-Za-z0-9_-]{0,31}$/.test(name)) {
    throw invalidRequest(
      'name must contain only ASCII letters, digits, underscores and hyphens and must start with a letter',
    );
  }
}

async function addAccount(call: AdminCall): Promise<void> {
  const { iam } = call.context;
  const body = await call.readJson(newAccountSchema);
  if (!call.allows('admin:CreateServiceAccount')) {
    throw apiError('AccessDenied', 'access denied');
  }
  const parent = body.targetUser || call.identity.account;
  if (parent !== call.identity.account && !call.isOwner) {
    throw apiError(
      'AccessDenied',
      'service account parent is outside requester scope',
    );
  }
  if (parent !== iam.root.accessKey && !iam.users.get(parent)) {
    throw invalidRequest('target user not exist');
  }
  checkName(body.name);
  const keys = readKeys(call, body);
  const expiration = readExpiration(body.expiration);
  iam.serviceAccounts.put(keys.accessKey, {
    ...keys,
    parent,
    enabled: true,
    policy: readPolicyField(body.policy),
    name: body.name || undefined,
    description: body.description || body.comment || undefined,
    expiration,
  });
  sendJson(call.exchange, {
    credentials: { ...keys, ...(expiration ? { expiration } : {}) },
  });
}

const updateSchema = z.object({
  newPolicy: policyField,
  newSecretKey: z.string().nullish(),
  newStatus: z.string().nullish(),
  newName: z.string().nullish(),
  newDescription: z.string().nullish(),
  newExpiration: z.string().nullish(),
});

/** Changing a key takes the right to it and that it is one's own; only root changes keys of others. */
async function updateAccount(call: AdminCall): Promise<void> {
  const { iam } = call.context;
  const body = await call.readJson(updateSchema);
  const accessKey = call.requiredQuery('accessKey');
  call.require('admin:UpdateServiceAccount');
  const account = iam.serviceAccounts.get(accessKey);
  if (!account) {
    throw noSuchAccount(accessKey);
  }
  if (account.parent !== call.identity.account && !call.isOwner) {
    throw apiError('AccessDenied');
  }
  checkName(body.newName);
  if (body.newSecretKey) {
    checkSecret(body.newSecretKey);
  }
  iam.serviceAccounts.put(accessKey, {
    ...account,
    secretKey: body.newSecretKey || account.secretKey,
    policy: readPolicyField(body.newPolicy) ?? account.policy,
    // Any other word switches the key off, as it does on the real server.
    enabled: body.newStatus
      ? ['on', 'enabled'].includes(body.newStatus)
      : account.enabled,
    name: body.newName || account.name,
    description: body.newDescription || account.description,
    expiration: readExpiration(body.newExpiration) ?? account.expiration,
  });
  send(call.exchange, { status: 204 });
}

/** Policy as the server prints it: that of the key, or what it inherits. */
function printPolicy(
  call: AdminCall,
  parent: string,
  own: PolicyDocument | undefined,
): { policy: string } {
  return { policy: JSON.stringify(own ?? inherited(call, parent), null, 2) };
}

function inherited(call: AdminCall, parent: string): PolicyDocument {
  return {
    Version: '2012-10-17',
    Statement: call.context.authorizer
      .documentsOf({ kind: 'iam', accessKey: parent, account: parent })
      .flatMap(policy => policy.Statement),
  };
}

function optionalFields(account: ServiceAccount) {
  return {
    ...(account.name ? { name: account.name } : {}),
    ...(account.description ? { description: account.description } : {}),
  };
}

function describeAccount(call: AdminCall, account: ServiceAccount) {
  return {
    parentUser: account.parent,
    accountStatus: account.enabled ? 'on' : 'off',
    impliedPolicy: account.policy === undefined,
    ...printPolicy(call, account.parent, account.policy),
    ...optionalFields(account),
    ...(account.expiration ? { expiration: account.expiration } : {}),
  };
}

function getAccount(call: AdminCall): void {
  const accessKey = call.requiredQuery('accessKey');
  const account = call.context.iam.serviceAccounts.get(accessKey);
  if (account?.parent !== call.identity.account) {
    call.require('admin:ListServiceAccounts');
  }
  if (!account) {
    throw noSuchAccount(accessKey);
  }
  sendJson(call.exchange, describeAccount(call, account));
}

function listAccounts(call: AdminCall): void {
  const user = call.query('user') ?? call.identity.account;
  if (user !== call.identity.account) {
    call.require('admin:ListServiceAccounts');
  }
  sendJson(call.exchange, {
    accounts: call.context.iam.serviceAccountsOf(user).map(account => ({
      parentUser: account.parent,
      accountStatus: account.enabled ? 'on' : 'off',
      impliedPolicy: account.policy === undefined,
      accessKey: account.accessKey,
      ...optionalFields(account),
      expiration: account.expiration ?? null,
    })),
  });
}

function deleteAccount(call: AdminCall): void {
  const { iam } = call.context;
  const accessKey = call.requiredQuery('accessKey');
  const account = iam.serviceAccounts.get(accessKey);
  if (account?.parent !== call.identity.account) {
    call.require('admin:RemoveServiceAccount');
  }
  if (!account) {
    throw invalidRequest('service account not exist');
  }
  iam.serviceAccounts.remove(accessKey);
  if (call.exchange.path.startsWith('/minio/')) {
    send(call.exchange, { status: 204 });
  } else {
    sendEmptyJson(call.exchange);
  }
}

export const serviceAccountRoutes = [
  route('PUT', 'v3/add-service-account', addAccount),
  route('PUT', 'v3/add-service-accounts', addAccount),
  route('POST', 'v3/update-service-account', updateAccount),
  route('GET', 'v3/info-service-account', getAccount),
  route('GET', 'v3/list-service-accounts', listAccounts),
  route('DELETE', 'v3/delete-service-account', deleteAccount),
  route('DELETE', 'v3/delete-service-accounts', deleteAccount),
];
