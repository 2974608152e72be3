import { z } from 'zod';
import { ApiError, apiError, invalidRequest } from '../http/ApiError';
import { sendJson } from '../http/answers';
import { describeBackend } from '../cluster/drives';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

const MFA_BLOCKED =
  'two-factor authentication requires RUSTFS_IAM_MASTER_KEY to be configured so the shared secret can be encrypted at rest';

const MFA_NOT_FOR_KEYS =
  'service account credentials cannot change the credentials of the parent account';

function isAdministrator(call: AdminCall): boolean {
  const { context, identity } = call;
  return (
    identity.account === context.iam.root.accessKey ||
    context.authorizer
      .documentsOf(identity)
      .some(policy =>
        policy.Statement.some(
          statement =>
            statement.Effect === 'Allow' &&
            statement.Action?.includes('admin:*'),
        ),
      )
  );
}

function getIsAdmin(call: AdminCall): void {
  const admin = isAdministrator(call);
  sendJson(call.exchange, {
    is_admin: admin,
    access_key: call.identity.accessKey,
    message: admin
      ? 'User is an administrator'
      : 'User is not an administrator',
  });
}

function getOwnAccount(call: AdminCall): void {
  const { identity, context } = call;
  const isRoot = identity.account === context.iam.root.accessKey;
  sendJson(call.exchange, {
    access_key: identity.account,
    identity_type: identity.kind,
    ...(identity.kind === 'sts' || identity.kind === 'service-account'
      ? { session_access_key: identity.accessKey }
      : {}),
    is_admin: isAdministrator(call),
    status: 'enabled',
    member_of: context.iam.groupsOf(identity.account).map(group => group.name),
    policies: isRoot ? [] : context.iam.policyNamesOf(identity.account),
    credentials_source: isRoot ? 'env' : 'iam',
    mutable: { password: identity.kind === 'iam', username: false },
    mfa: {
      enabled: false,
      pending: false,
      recovery_codes_remaining: 0,
      enrollment_available: false,
      enrollment_blocked_reason:
        identity.kind === 'service-account' ? MFA_NOT_FOR_KEYS : MFA_BLOCKED,
    },
  });
}

const passwordSchema = z.object({
  current_secret_key: z.string(),
  new_secret_key: z.string(),
});

async function changeOwnSecret(call: AdminCall): Promise<void> {
  const { identity, context } = call;
  const body = await call.readJson(passwordSchema);
  const user = context.iam.users.get(identity.accessKey);
  if (identity.kind !== 'iam' || !user) {
    throw apiError('AccessDenied');
  }
  if (user.secretKey !== body.current_secret_key) {
    throw invalidRequest('the current secret key is incorrect');
  }
  if (body.new_secret_key.length < 8) {
    throw invalidRequest('the new secret key is too short');
  }
  context.iam.putUser({ ...user, secretKey: body.new_secret_key });
  sendJson(call.exchange, {
    sessions_revoked: context.iam.endSessions(user.accessKey),
  });
}

/** The buckets a caller may read or write, with what was measured and what is set: one call for a whole portal. */
function getAccountInfo(call: AdminCall): void {
  const { context, identity } = call;
  const { authorizer } = context;
  const statements = authorizer
    .documentsOf(identity)
    .flatMap(policy => policy.Statement);
  const buckets = context.buckets.all().flatMap(bucket => {
    const allows = (action: string) =>
      authorizer.allowsS3(identity, { action, bucket: bucket.name });
    const access = {
      read: allows('s3:ListBucket') || allows('s3:GetBucketLocation'),
      write: allows('s3:PutObject'),
    };
    if (!access.read && !access.write) {
      return [];
    }
    const usage = context.usage.usageOf(bucket.name);
    return [
      {
        name: bucket.name,
        // What was not measured yet is left out: zero would be a statement.
        ...(usage && {
          size: usage.size,
          objects: usage.objects,
          object_sizes_histogram: usage.sizeHistogram,
          object_versions_histogram: usage.versionHistogram,
        }),
        details: {
          versioning: bucket.versioning === 'Enabled',
          versioning_suspended: bucket.versioning === 'Suspended',
          locking: bucket.objectLock,
          replication: bucket.configurations.replication !== undefined,
          ...(bucket.quota === undefined ? {} : { quota: bucket.quota }),
        },
        prefix_usage: {},
        // The name is the server's; the value is when the bucket was made.
        expiration: bucket.createdAt,
        access,
      },
    ];
  });
  sendJson(call.exchange, {
    account_name: identity.account,
    server: describeBackend(context),
    policy: JSON.stringify({
      Version: statements.length > 0 ? '2012-10-17' : '',
      Statement: statements,
    }),
    buckets,
    usage_snapshot_converged: true,
  });
}

function getMfaStatus(call: AdminCall): void {
  sendJson(call.exchange, {
    enabled: false,
    pending: false,
    algorithm: 'SHA1',
    digits: 6,
    period_seconds: 30,
    recovery_codes_remaining: 0,
    enrollment_available: false,
    enrollment_blocked_reason: MFA_BLOCKED,
  });
}

function refuseMfa(): never {
  throw new ApiError('NotImplemented', 501, MFA_BLOCKED);
}

export const accountRoutes = [
  route('GET', 'v3/is-admin', getIsAdmin),
  route('GET', 'v3/accountinfo', getAccountInfo),
  route('GET', 'v3/account/info', getOwnAccount),
  route('POST', 'v3/account/password', changeOwnSecret),
  route('GET', 'v3/account/mfa', getMfaStatus),
  route('POST', 'v3/account/mfa/enroll', refuseMfa),
  route('POST', 'v3/account/mfa/activate', refuseMfa),
  route('POST', 'v3/account/mfa/disable', refuseMfa),
  route('POST', 'v3/account/mfa/recovery-codes', refuseMfa),
  route('GET', 'v3/mfa/challenge', call =>
    sendJson(call.exchange, { required: false }),
  ),
];
