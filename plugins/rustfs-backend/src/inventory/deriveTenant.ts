import {
  Problem,
  SourceObstacle,
  TenantSourceLocation,
  TenantState,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  AccountInfo,
  isRustfsError,
  ServerInfo,
} from '@rustfs-portal/plugin-rustfs-client';
import { TenantObject } from '@rustfs-portal/plugin-rustfs-node';
import { ageOfReadings, Reading } from './LastGoodReading';

/** What is known of one tenant. */
export interface TenantFacts {
  ref: string;
  /** What the cluster says; `value.tenant` is undefined when it has no such Tenant. */
  declared: Reading<{
    tenant?: TenantObject;
    location?: TenantSourceLocation;
    obstacle?: SourceObstacle;
  }>;
  /** Undefined when no credentials are configured. */
  server?: {
    endpoint: string;
    account: Reading<AccountInfo>;
    info: Reading<ServerInfo>;
  };
  problems: Problem[];
}

/** One word for a tenant and the numbers beside it. */
export function deriveTenant(facts: TenantFacts): TenantView {
  const { declared, server } = facts;
  const account = server?.account.value;
  const info = server?.info.value;
  const readings = [declared, server?.account, server?.info].filter(
    reading => reading !== undefined,
  );
  return {
    ref: facts.ref,
    ...judge(facts),
    endpoint: server?.endpoint,
    version: info?.version,
    capacity: info?.capacity,
    drives: info?.drives,
    buckets: account?.buckets.length,
    objects: info?.objects,
    source: declared.value?.location,
    obstacle:
      declared.value && !declared.value.tenant
        ? { code: 'tenant-missing' }
        : declared.value?.obstacle,
    ...ageOfReadings(readings),
    problems: facts.problems,
  };
}

const STATES: Record<string, TenantState> = {
  Ready: 'ready',
  Reconciling: 'reconciling',
  Degraded: 'degraded',
  Blocked: 'blocked',
};

function judge({ declared, server }: TenantFacts): {
  state: TenantState;
  reason?: string;
  message?: string;
} {
  const silence = server?.account.error;
  if (isRustfsError(silence, 'unreachable', 'starting')) {
    return {
      state: 'unreachable',
      reason: silence.reason === 'starting' ? 'Starting' : 'ServerUnreachable',
      message: silence.message,
    };
  }
  if (!declared.value) {
    return {
      state: 'unknown',
      reason: 'ClusterUnreachable',
      message: 'The cluster does not say how the Tenant is',
    };
  }
  const { tenant } = declared.value;
  if (!tenant) {
    return {
      state: 'unknown',
      reason: 'TenantNotFound',
      message: 'The cluster has no such Tenant',
    };
  }
  const { status, metadata } = tenant;
  if (!status?.currentState) {
    return {
      state: 'reconciling',
      reason: 'WaitingForOperator',
      message: 'The operator has not looked at the Tenant yet',
    };
  }
  const ready = status.conditions.find(({ type }) => type === 'Ready');
  const state = STATES[status.currentState] ?? 'unknown';
  if (state !== 'ready') {
    return { state, reason: ready?.reason, message: ready?.message };
  }
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    return {
      state: 'reconciling',
      reason: 'WaitingForOperator',
      message: 'The operator has not seen this version of the Tenant yet',
    };
  }
  // The operator looks at Pods; a lost drive is the server's to tell.
  const drives = server?.info.value?.drives;
  if (drives && drives.online < drives.total) {
    return {
      state: 'degraded',
      reason: 'DrivesOffline',
      message: `${drives.total - drives.online} of ${
        drives.total
      } drives cannot be used`,
    };
  }
  return { state };
}
