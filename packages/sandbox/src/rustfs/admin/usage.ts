import { apiError, invalidArgument } from '../http/ApiError';
import { sendJson } from '../http/answers';
import { unixSeconds } from '../http/timestamps';
import { capacityOf } from '../cluster/drives';
import { type BucketUsage, measureBucket } from '../usage/measureBucket';
import type { AdminCall } from './AdminCall';
import { route } from './routes';

/** Either right opens it; a right on some of the buckets does not. */
function requireUsageRight(call: AdminCall): void {
  const mayList = call.context.authorizer.allowsS3(call.identity, {
    action: 's3:ListBucket',
    bucket: '',
  });
  if (!call.allows('admin:DataUsageInfo') && !mayList) {
    throw apiError('AccessDenied');
  }
}

function describeUsage(usage: BucketUsage) {
  return {
    size: usage.size,
    replication_pending_size_v1: 0,
    replication_failed_size_v1: 0,
    replicated_size_v1: 0,
    replication_pending_count_v1: 0,
    replication_failed_count_v1: 0,
    objects_count: usage.objects,
    object_size_histogram: usage.sizeHistogram,
    object_versions_histogram: usage.versionHistogram,
    versions_count: usage.versions,
    delete_markers_count: usage.deleteMarkers,
    replica_size: 0,
    replica_count: 0,
    replication_info: {},
  };
}

function getDataUsage(call: AdminCall): void {
  requireUsageRight(call);
  const { context, exchange } = call;
  const { snapshot, isBlanked } = context.usage;
  const capacity = capacityOf(context);
  const capacities = {
    total_capacity: capacity.total,
    total_used_capacity: capacity.used,
    total_free_capacity: capacity.free,
  };
  if (!snapshot || isBlanked) {
    // Unknown, although it reads like zero: `last_update` tells them apart.
    sendJson(exchange, {
      ...capacities,
      last_update: null,
      objects_total_count: 0,
      versions_total_count: 0,
      delete_markers_total_count: 0,
      objects_total_size: 0,
      replication_info: {},
      buckets_count: 0,
      buckets_usage: {},
      usage_snapshot_complete: false,
      usage_snapshot_partial: false,
      bucket_sizes: {},
      disk_usage_status: [],
    });
    return;
  }
  const buckets = Object.entries(snapshot.buckets);
  const sum = (value: (usage: BucketUsage) => number) =>
    buckets.reduce((total, [, usage]) => total + value(usage), 0);
  sendJson(exchange, {
    ...capacities,
    last_update: {
      secs_since_epoch: unixSeconds(snapshot.updatedAt),
      nanos_since_epoch: Number(/\.(\d+)Z$/.exec(snapshot.updatedAt)?.[1] ?? 0),
    },
    scanner_cycle: snapshot.cycle,
    scanner_epoch: 1,
    objects_total_count: sum(usage => usage.objects),
    versions_total_count: sum(usage => usage.versions),
    delete_markers_total_count: sum(usage => usage.deleteMarkers),
    objects_total_size: sum(usage => usage.size),
    replication_info: {},
    buckets_count: buckets.length,
    buckets_usage: Object.fromEntries(
      buckets.map(([name, usage]) => [name, describeUsage(usage)]),
    ),
    usage_snapshot_complete: true,
    usage_snapshot_converged: true,
    ...(buckets.length > 0 && {
      usage_snapshot_set_states: [
        {
          pool_index: 0,
          set_index: 0,
          scanner_cycle: snapshot.cycle,
          scanner_epoch: 1,
          scan_plan_digest: new Array<number>(32).fill(0),
          complete: true,
          tombstone: false,
        },
      ],
    }),
    usage_snapshot_partial: false,
    bucket_sizes: Object.fromEntries(
      buckets.map(([name, usage]) => [name, usage.size]),
    ),
    disk_usage_status: [],
  });
}

const DEFAULT_ENTRIES = 1000;
const MAX_ENTRIES = 10_000;

function summarize(usage: BucketUsage) {
  return {
    size: usage.size,
    objects: usage.objects,
    versions: usage.versions,
    deleteMarkers: usage.deleteMarkers,
  };
}

function getPrefixUsage(call: AdminCall): void {
  const unknown = call.exchange.query.names.find(
    name => !['prefix', 'max-entries'].includes(name),
  );
  if (unknown !== undefined) {
    throw invalidArgument(`unknown query parameter: ${unknown}`);
  }
  requireUsageRight(call);
  const { context, parameters } = call;
  const prefix = (call.query('prefix') ?? '').replace(/\/+$/, '');
  const limit = Math.min(
    Math.max(Number(call.query('max-entries') ?? DEFAULT_ENTRIES) || 1, 1),
    MAX_ENTRIES,
  );
  const { snapshot } = context.usage;
  const measured = snapshot?.buckets[parameters.bucket] !== undefined;
  const root = prefix === '' ? '' : `${prefix}/`;
  const versions = measured
    ? [...context.objects.sizes(parameters.bucket)].filter(
        version =>
          version.key.startsWith(root) &&
          // What came after the measurement is not part of it.
          version.modifiedAt <= snapshot.updatedAt,
      )
    : [];
  const children = new Map<string, typeof versions>();
  for (const version of versions) {
    const name = version.key.slice(root.length).split('/')[0];
    const members = children.get(name) ?? [];
    members.push(version);
    children.set(name, members);
  }
  const entries = [...children]
    .map(([name, members]) => ({
      prefix: name,
      usage: summarize(measureBucket(members)),
    }))
    .sort(
      (a, b) => b.usage.size - a.usage.size || (a.prefix < b.prefix ? -1 : 1),
    );
  sendJson(call.exchange, {
    bucket: parameters.bucket,
    prefix,
    usage: summarize(measureBucket(versions)),
    compacted: false,
    subPrefixesPartial: false,
    truncated: entries.length > limit,
    subPrefixes: entries.slice(0, limit),
    setsReporting: measured ? 1 : 0,
    setsTotal: 1,
    lastUpdateUnixSecs: measured ? unixSeconds(snapshot.updatedAt) : null,
  });
}

export const usageRoutes = [
  route('GET', 'v3/datausageinfo', getDataUsage),
  route('GET', 'v3/usage/{bucket}', getPrefixUsage),
];
