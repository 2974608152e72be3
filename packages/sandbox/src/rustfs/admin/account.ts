import { sendJson } from '../http/answers';
import { describeBackend } from '../cluster/drives';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

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

export const accountRoutes = [route('GET', 'v3/accountinfo', getAccountInfo)];
