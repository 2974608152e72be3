import {
  AccountInfo,
  isRustfsError,
  ServerInfo,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  Problem,
  TenantSourceLocation,
  TenantState,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  PlaceLink,
  TenantCondition,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { ageOfReadings, Reading } from './LastGoodReading';

/** What is known of one tenant. */
export interface KnownOfTenant {
  ref: string;
  /** What its source says; `value.facts` is undefined when it has no such tenant for sure. */
  declared: Reading<{ facts?: TenantFacts }>;
  /** Undefined when no credentials are configured. */
  server?: {
    endpoint: string;
    account: Reading<AccountInfo>;
    info: Reading<ServerInfo>;
  };
  problems: Problem[];
}

/** One word for a tenant and the numbers beside it. */
export function deriveTenant(known: KnownOfTenant): TenantView {
  const { declared, server } = known;
  const facts = declared.value?.facts;
  const account = server?.account.value;
  const info = server?.info.value;
  const readings = [declared, server?.account, server?.info].filter(
    reading => reading !== undefined,
  );
  return {
    ref: known.ref,
    ...judge(known),
    endpoint: facts?.endpoints.external ?? server?.endpoint,
    endpoints: facts?.endpoints,
    workload: facts?.workload,
    installedBy: facts?.installedBy,
    version: info?.version,
    capacity: info?.capacity,
    drives: info?.drives,
    buckets: account?.buckets.length,
    objects: info?.objects,
    source: facts?.place?.link && toLocation(facts.place.link),
    obstacle:
      declared.value && !facts ? { code: 'tenant-missing' } : facts?.obstacle,
    ...ageOfReadings(readings),
    problems: known.problems,
  };
}

/** The state of a tenant of which nothing but its server tells. */
function judgeServer(server: KnownOfTenant['server']): TenantCondition {
  const refusal = server?.account.error;
  if (isRustfsError(refusal)) {
    return {
      state: 'unknown',
      reason: 'ServerRefused',
      message: refusal.message,
    };
  }
  return server?.account.value && !refusal
    ? { state: 'ready' }
    : {
        state: 'unknown',
        reason: 'NoAccess',
        message:
          'Nothing but its server tells how it is, and that is not known',
      };
}

function toLocation(link: PlaceLink): TenantSourceLocation {
  const { branch, folder, madeBy, object, repository, revision } = link;
  return {
    repository,
    branch,
    path: folder,
    appliedBy: `${object.kind} ${
      object.namespace ? `${object.namespace}/` : ''
    }${object.name}${madeBy ? `, made by ${madeBy.kind} ${madeBy.name}` : ''}`,
    revision,
  };
}

function judge({ declared, server }: KnownOfTenant): {
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
  const { facts } = declared.value;
  if (!facts) {
    return {
      state: 'unknown',
      reason: 'TenantNotFound',
      message: 'The cluster has no such Tenant',
    };
  }
  const condition = facts.condition ?? judgeServer(server);
  if (condition.state !== 'ready') {
    return condition;
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
  return condition;
}
