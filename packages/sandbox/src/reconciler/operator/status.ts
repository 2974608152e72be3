import { isDeepStrictEqual } from 'node:util';
import { Condition, upsertConditions } from '../kubernetes';
import { Blocked } from './checks';
import { ProvisioningResult } from './provision';
import { Refusal, TenantSpec, TenantStatus } from './types';

/** How many servers of each pool run and are ready. */
export interface PoolReplicas {
  name: string;
  statefulSet: string;
  revision?: string;
  replicas: number;
  ready: number;
  /** The StatefulSet controller has not looked at the newest spec yet. */
  updating: boolean;
}

/** How far one run of the operator came. */
export type Outcome =
  | { kind: 'started' }
  | { kind: 'blocked'; blocked: Blocked }
  | { kind: 'rollout'; pools: PoolReplicas[] }
  | { kind: 'degraded'; pools: PoolReplicas[] }
  | {
      kind: 'provisioned';
      pools: PoolReplicas[];
      /** Undefined when the Tenant declares nothing to provision. */
      result?: ProvisioningResult;
    };

type ConditionText = [
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
];

/** The order in which the operator lists its conditions. */
const CONDITION_ORDER = [
  'Ready',
  'Reconciling',
  'Degraded',
  'SpecValid',
  'CredentialsReady',
  'KmsReady',
  'PoolsReady',
  'WorkloadsReady',
  'ProvisioningReady',
];

const SUCCEEDED = 'ReconcileSucceeded';

/**
 * The status of a Tenant after a run came as far as `outcome`.
 *
 * @internal
 */
export function deriveStatus(options: {
  generation: number;
  previous: TenantStatus;
  outcome: Outcome;
  now: string;
}): TenantStatus {
  const { generation, previous, outcome, now } = options;
  const { state, conditions } = describe(outcome);
  const pools =
    'pools' in outcome
      ? outcome.pools.map(pool => poolStatus(pool, now))
      : previous.pools;
  return {
    ...('pools' in outcome
      ? { availableReplicas: outcome.pools.reduce((n, p) => n + p.ready, 0) }
      : { availableReplicas: previous.availableReplicas ?? 0 }),
    conditions: upsertConditions(
      previous.conditions,
      conditions.map(([type, status, reason, message]) => ({
        type,
        status,
        reason,
        message,
        observedGeneration: generation,
      })),
      now,
    ).sort(
      (a, b) =>
        CONDITION_ORDER.indexOf(a.type) - CONDITION_ORDER.indexOf(b.type),
    ),
    currentState: state,
    observedGeneration: generation,
    pools,
    ...(outcome.kind === 'provisioned'
      ? outcome.result && { provisioning: outcome.result.provisioning }
      : previous.provisioning && { provisioning: previous.provisioning }),
  };
}

/** Whether two statuses say the same, whatever the time they were written. */
export function saysTheSame(a: TenantStatus, b: TenantStatus): boolean {
  const timeless = (status: TenantStatus) =>
    JSON.parse(
      JSON.stringify(status, (key, value: unknown) =>
        key === 'lastTransitionTime' || key === 'lastUpdateTime'
          ? undefined
          : value,
      ),
    ) as unknown;
  return isDeepStrictEqual(timeless(a), timeless(b));
}

function describe(outcome: Outcome): {
  state: string;
  conditions: ConditionText[];
} {
  switch (outcome.kind) {
    case 'started':
      return {
        state: 'Reconciling',
        conditions: [
          ['Ready', 'False', 'ReconcileStarted', 'Reconcile has started'],
          [
            'Reconciling',
            'True',
            'ReconcileStarted',
            'Operator is reconciling the latest Tenant generation',
          ],
          [
            'Degraded',
            'False',
            'ReconcileStarted',
            'No persistent degradation has been confirmed',
          ],
        ],
      };
    case 'blocked': {
      const { condition, reason, message } = outcome.blocked;
      return {
        state: 'Blocked',
        conditions: [
          ...blocked(outcome.blocked, 'user-fixable configuration'),
          [condition, 'False', reason, message],
        ],
      };
    }
    case 'rollout': {
      const rollout: [string, string] = [
        'RolloutInProgress',
        'StatefulSet rollout in progress',
      ];
      return {
        state: 'Reconciling',
        conditions: [
          ['Ready', 'False', ...rollout],
          ['Reconciling', 'True', ...rollout],
          ['Degraded', 'False', rollout[0], 'Tenant is progressing'],
          ...ready('SpecValid', 'CredentialsReady', 'KmsReady', 'PoolsReady'),
          ['WorkloadsReady', 'False', ...rollout],
          ...ready('ProvisioningReady'),
        ],
      };
    }
    case 'degraded': {
      const degraded: [string, string] = [
        'PoolDegraded',
        'One or more pools are degraded',
      ];
      return {
        state: 'Degraded',
        conditions: [
          ['Ready', 'False', ...degraded],
          [
            'Reconciling',
            'False',
            degraded[0],
            'Reconcile is not actively progressing',
          ],
          ['Degraded', 'True', ...degraded],
          ...ready('SpecValid', 'CredentialsReady', 'KmsReady'),
          ['PoolsReady', 'False', ...degraded],
          ...ready('WorkloadsReady', 'ProvisioningReady'),
        ],
      };
    }
    default:
      return describeProvisioned(outcome.result?.failure);
  }
}

function describeProvisioned(failure: Refusal | undefined): {
  state: string;
  conditions: ConditionText[];
} {
  const workloads = ready(
    'SpecValid',
    'CredentialsReady',
    'KmsReady',
    'PoolsReady',
    'WorkloadsReady',
  );
  if (failure) {
    return {
      state: 'Blocked',
      conditions: [
        ...blocked(failure, 'provisioning failure'),
        ...workloads,
        ['ProvisioningReady', 'False', failure.reason, failure.message],
      ],
    };
  }
  return {
    state: 'Ready',
    conditions: [
      ['Ready', 'True', SUCCEEDED, 'Tenant is ready'],
      ['Reconciling', 'False', SUCCEEDED, 'Reconcile completed successfully'],
      ['Degraded', 'False', SUCCEEDED, 'Tenant is not degraded'],
      ...workloads,
      [
        'ProvisioningReady',
        'True',
        'ProvisioningConfigured',
        'Tenant provisioning is configured',
      ],
    ],
  };
}

function blocked({ reason, message }: Refusal, by: string): ConditionText[] {
  return [
    ['Ready', 'False', reason, message],
    ['Reconciling', 'False', reason, `Reconcile is blocked by ${by}`],
    ['Degraded', 'True', reason, message],
  ];
}

function ready(...types: string[]): ConditionText[] {
  return types.map(type => [type, 'True', SUCCEEDED, `${type} is ready`]);
}

function poolStatus(
  pool: PoolReplicas,
  now: string,
): TenantStatus['pools'][number] {
  let state = 'RolloutComplete';
  if (pool.updating) {
    state = 'Updating';
  } else if (pool.ready < pool.replicas) {
    state = 'Degraded';
  }
  const counted = pool.updating && !pool.revision ? 0 : pool.replicas;
  return {
    name: pool.name,
    ssName: pool.statefulSet,
    state,
    workloadState: state,
    lifecycleState: 'Active',
    lastUpdateTime: now,
    replicas: counted,
    // A count of zero is left out, as the StatefulSet leaves it out.
    ...(pool.ready && { readyReplicas: pool.ready }),
    ...(pool.revision && {
      currentReplicas: pool.replicas,
      updatedReplicas: pool.replicas,
      currentRevision: pool.revision,
      updateRevision: pool.revision,
    }),
  };
}

/** The name of a pool's StatefulSet. */
export function statefulSetName(
  tenant: string,
  pool: TenantSpec['pools'][number],
): string {
  return `${tenant}-${pool.name}`;
}
