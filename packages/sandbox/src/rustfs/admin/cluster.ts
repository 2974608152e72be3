import { sendJson } from '../http/answers';
import { nowWithNanoseconds } from '../http/timestamps';
import {
  capacityOf,
  describeDrives,
  erasureLayout,
  offlineDrives,
} from '../cluster/drives';
import type { RustfsContext } from '../RustfsContext';
import type { AdminCall } from './AdminCall';
import scannerStatus from './documents/scannerStatus.json';
import { route } from './routes';

const ADMIN_DISCOVERY = {
  runtimeCapabilities: '/rustfs/admin/v4/runtime/capabilities',
  clusterSnapshot: '/rustfs/admin/v4/cluster/snapshot',
  extensionsCatalog: '/rustfs/admin/v4/extensions/catalog',
};

function totals({ usage }: RustfsContext) {
  const buckets = Object.values(usage.snapshot?.buckets ?? {});
  const sum = (value: (bucket: (typeof buckets)[number]) => number) =>
    buckets.reduce((total, bucket) => total + value(bucket), 0);
  return {
    buckets: buckets.length,
    objects: sum(bucket => bucket.objects),
    versions: sum(bucket => bucket.versions),
    deleteMarkers: sum(bucket => bucket.deleteMarkers),
    size: sum(bucket => bucket.size),
  };
}

function getInfo(call: AdminCall): void {
  call.require('admin:ServerInfo');
  const { context, exchange } = call;
  const { settings } = context;
  const layout = erasureLayout(settings.drives);
  const usage = totals(context);
  const capacity = capacityOf(context);
  const lost = offlineDrives(context);
  const memory = process.memoryUsage();
  sendJson(exchange, {
    info: {
      mode: 'online',
      domain: null,
      region: null,
      sqsARN: null,
      deploymentID: settings.deploymentId,
      buckets: { count: usage.buckets, error: null },
      objects: { count: usage.objects, error: null },
      versions: { count: usage.versions, error: null },
      deletemarkers: { count: usage.deleteMarkers, error: null },
      usage: { size: usage.size, error: null },
      services: {
        kms: null,
        kmsStatus: null,
        ldap: null,
        logger: null,
        audit: null,
        notifications: null,
      },
      backend: {
        backendType: 'Erasure',
        onlineDisks: settings.drives - lost,
        offlineDisks: lost,
        unknownDisks: 0,
        standardSCParity: layout.parity,
        rrSCParity: layout.reducedParity,
        totalSets: [1],
        totalDrivesPerSet: [settings.drives],
      },
      servers: [
        {
          state: 'online',
          endpoint: exchange.host,
          scheme: '',
          uptime: Math.floor(
            (Date.now() - settings.startedAt.getTime()) / 1000,
          ),
          version: `@${settings.version}`,
          commitID: '',
          network: { [exchange.host]: 'online' },
          drives: describeDrives(context),
          poolNumber: 1,
          poolNumbers: [1],
          mem_stats: {
            alloc: memory.heapUsed,
            total_alloc: memory.heapTotal,
            mallocs: 0,
            frees: 0,
            heap_alloc: memory.heapUsed,
          },
          max_procs: 2,
          num_cpu: 2,
          runtime_version: '',
          rustfs_env_vars: {},
        },
      ],
      pools: {
        0: {
          0: {
            id: 0,
            rawUsage: capacity.rawUsed,
            rawCapacity: capacity.rawTotal,
            usage: usage.size,
            objectsCount: usage.objects,
            versionsCount: usage.versions,
            deleteMarkersCount: usage.deleteMarkers,
            // The server says so as long as there is no bucket to have numbers of.
            ...(usage.buckets === 0
              ? { usageError: 'data usage snapshot unavailable' }
              : {}),
            healDisks: 0,
          },
        },
      },
    },
    admin_discovery: ADMIN_DISCOVERY,
    bitrotSelftest: 'passed',
  });
}

function getScannerStatus(call: AdminCall): void {
  call.require('admin:ServerInfo');
  const { usage } = call.context;
  const ended = usage.cycleEnd && Math.floor(usage.cycleEnd.getTime() / 1000);
  const cycleSeconds = usage.cycleMs / 1000;
  const maximumAge = Math.ceil(cycleSeconds * 2);
  const age = Date.now() / 1000 - (ended ?? 0) > maximumAge ? 'stale' : 'fresh';
  const { metrics } = scannerStatus;
  sendJson(call.exchange, {
    ...scannerStatus,
    freshness: {
      // A number from an earlier run is known, but not how old it is.
      state: ended === undefined ? 'unknown' : age,
      last_cycle_end_unix_secs: ended ?? 0,
      max_expected_age_seconds: maximumAge,
      reason: ended === undefined ? 'no scanner cycle has completed' : null,
    },
    metrics: {
      ...metrics,
      collected_at: nowWithNanoseconds(),
      current_cycle: usage.snapshot?.cycle ?? 0,
      current_started: usage.snapshot?.updatedAt ?? nowWithNanoseconds(),
      cycles_completed_at: usage.snapshot ? [usage.snapshot.updatedAt] : [],
      last_cycle_end_unix_secs: ended ?? 0,
      leader_lock_last_update_unix_secs: ended ?? 0,
      cycle_interval_seconds: cycleSeconds,
      usage_freshness: {
        ...metrics.usage_freshness,
        last_usage_save_unix_secs: ended ?? 0,
        last_durable_success_unix_secs: ended ?? 0,
        last_publication_unix_secs: ended ?? 0,
      },
    },
    cycle_schedule: {
      ...scannerStatus.cycle_schedule,
      effective_interval_seconds: Math.ceil(cycleSeconds),
    },
    cycle_recovery: {
      ...scannerStatus.cycle_recovery,
      last_attempt_at_unix_secs: ended ?? 0,
    },
    catch_up_estimate: {
      ...scannerStatus.catch_up_estimate,
      usage_baseline_unix_secs: ended ?? 0,
    },
  });
}

export const clusterRoutes = [
  route('GET', 'v3/info', getInfo),
  route('GET', 'v3/scanner/status', getScannerStatus),
];
