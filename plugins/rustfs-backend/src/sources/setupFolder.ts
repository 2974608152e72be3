import {
  DENYING_POLICY_NAME,
  parseTenantRef,
  Problem,
  SettledItem,
  setupItemKey,
  SetupStatus,
  wantsLock,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  ProvisionerVerdict,
  TenantFacts,
  WaitingReason,
} from '@rustfs-portal/plugin-rustfs-node';
import { EngineLook, setupApplierNameOf } from '../gitops';
import { ClusterRecords, RecordsPlace } from './ClusterRecords';
import { ClusterTenantSource, FoundTenant } from './ClusterTenantSource';
import { RecordVersion } from './records';

/** The setup program runs every minute; after as many as these without a run, something is wrong with it. */
const SILENT_AFTER_MS = 5 * 60_000;

/** The reason of what the setup program itself says nothing of. */
const WAITING = 'WaitingForSetup';

type SetupFacts = Pick<
  TenantFacts,
  | 'accesses'
  | 'items'
  | 'layout'
  | 'obstacle'
  | 'place'
  | 'records'
  | 'settledBy'
  | 'setup'
  | 'unlisted'
  | 'unreadAccesses'
  | 'unreadRecords'
>;

/** The setup program: it tells of the tenants to which the configuration gives a setup folder. */
export const setupFolder: ClusterTenantSource = {
  title: 'rustfs.tenants',
  isProvisioner: true,

  read: async () => async look => {
    const found: FoundTenant[] = [];
    for (const { ref, setupNamespace } of look.configured) {
      if (setupNamespace !== undefined) {
        const declaredIn = {
          namespace: setupNamespace,
          tenant: parseTenantRef(ref).name,
        };
        const { facts, problems } = await describeSetup(declaredIn, {
          ...look,
          ref,
        });
        found.push({ facts: { ref, ...facts }, declaredIn, problems });
      }
    }
    return found;
  },
};

/**
 * What a setup folder declares for a tenant, and what the setup program says of it. Only the records in its namespace
 * count: who may write there is trusted with the tenant.
 */
export async function describeSetup(
  place: RecordsPlace,
  {
    engines,
    now,
    records,
    ref,
  }: {
    engines: EngineLook;
    /** ISO 8601. */
    now: string;
    records: ClusterRecords;
    ref: string;
  },
): Promise<{ facts: SetupFacts; problems: Problem[] }> {
  const { namespace } = place;
  const recorded = records.of(place);
  const versions = records.versionsOf(place);
  const found = records.statusOf(place);
  const silence = describeSilence(found?.status, now);
  const judge = (
    type: 'bucket' | 'access',
    name: string,
    version: RecordVersion | undefined,
  ) =>
    judgeItem(found?.status.items[setupItemKey(type, name)], version, silence);
  return {
    facts: {
      ...recorded,
      setup: { namespace, records: records.namesOf(place) },
      // The program is switched on where what it writes into is declared.
      layout: found && 'setup-folder',
      settledBy: 'The setup program',
      items: [
        {
          type: 'setup' as const,
          name: place.tenant,
          listed: true,
          verdict: found
            ? judgeProgram(found.status, silence)
            : {
                state: 'waiting' as const,
                reason: WAITING,
                message: `The setup folder is not in namespace ${namespace} yet: ${
                  (await engines.whyNotApplied(setupApplierNameOf(ref))) ??
                  'an object of the GitOps engine of its own applies it'
                }`,
              },
        },
        ...recorded.records.map(record => ({
          type: 'bucket' as const,
          name: record.bucket,
          listed: true,
          objectLock: wantsLock(record),
          ...judge(
            'bucket',
            record.bucket,
            versions.buckets.get(record.bucket),
          ),
        })),
        ...recorded.accesses.map(({ access, policy, state }) => ({
          type: 'access' as const,
          name: access,
          listed: true,
          policies: [state === 'revoked' ? DENYING_POLICY_NAME : policy],
          ...judge('access', access, versions.accesses.get(access)),
        })),
      ],
      unlisted: {
        reason: 'RecordAbsent',
        message: `Namespace ${namespace} has no record of it: a later change may have taken it out`,
      },
      ...(found
        ? await engines.locate({ kind: 'ConfigMap', ...found.object })
        : { obstacle: { code: 'setup-missing', namespace } }),
    },
    problems:
      found && silence.isUnwell
        ? [
            {
              code: 'setup-silent',
              part: ref,
              message: `${[silence.message, silence.cause]
                .filter(Boolean)
                .join(
                  ': ',
                )}; what is declared for tenant ${ref} is not made until it does`,
              hint: `See what the CronJob in namespace ${namespace} and its last Job say.`,
            },
          ]
        : [],
  };
}

/** Its words are read by each team: addresses and rights are for those who run the program. */
interface Silence extends WaitingReason {
  /** Something is wrong with the program as a whole. */
  isUnwell: boolean;
  /** What the program itself says of it. */
  cause?: string;
}

/** Why the program has not come to something: it has not run, was stopped, or only takes its time. */
function describeSilence(
  status: SetupStatus | undefined,
  now: string,
): Silence {
  const { run } = status ?? {};
  if (!run) {
    return {
      reason: WAITING,
      message: 'The setup program has not run yet',
      isUnwell: false,
    };
  }
  if (Date.parse(now) - Date.parse(run.endedAt) > SILENT_AFTER_MS) {
    return {
      reason: 'SetupSilent',
      message: `The setup program has not run since ${run.endedAt}`,
      isUnwell: true,
    };
  }
  return run.message
    ? {
        reason: 'SetupStopped',
        message: 'The setup program cannot do its work at present',
        isUnwell: true,
        cause: run.message,
      }
    : {
        reason: WAITING,
        message: 'The setup program has not come to this version yet',
        isUnwell: false,
      };
}

/** Exit codes of a run that has come to the records: all done or waiting, or one of them is wrong. */
const RAN = [0, 2];

/** Nobody has answered: the next run may do better. */
const UNREACHABLE = 3;

/** What the program says of itself as a whole. */
function judgeProgram(
  { run }: SetupStatus,
  { message, reason }: Silence,
): ProvisionerVerdict {
  if (!run) {
    return {
      state: 'waiting',
      reason,
      message: `${message}: its CronJob starts it every minute, once the Secret with its key is there`,
    };
  }
  if (reason === 'SetupSilent') {
    return { state: 'waiting', reason, message };
  }
  const said = { message: run.message ?? message, at: run.endedAt };
  if (RAN.includes(run.exitCode)) {
    return { state: 'ready', at: run.endedAt };
  }
  return run.exitCode === UNREACHABLE
    ? { state: 'waiting', reason, ...said }
    : { state: 'failed', reason: 'SetupFailed', ...said };
}

const VERDICTS: Record<SettledItem['result'], ProvisionerVerdict['state']> = {
  done: 'ready',
  drift: 'drift',
  failed: 'failed',
  waiting: 'waiting',
};

function judgeItem(
  said: SettledItem | undefined,
  version: RecordVersion | undefined,
  { message, reason }: Silence,
): Pick<ProvisionedItem, 'outdated' | 'verdict'> {
  if (!said) {
    return { verdict: { state: 'waiting', reason, message } };
  }
  const verdict = {
    state: VERDICTS[said.result],
    reason: said.reason,
    message: said.message,
    at: said.at,
  };
  if (said.uid !== version?.uid) {
    // Another record of the same name: what was said says nothing of this one.
    return { verdict: { state: 'waiting', reason, message } };
  }
  return said.resourceVersion === version.resourceVersion
    ? { verdict }
    : { verdict, outdated: { reason, message } };
}
