import { RequestSubject } from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { Provisioner, ProvisionerObservation } from './observations';

/** Reasons that a source gives where the provisioner itself says nothing: the sentence says it all. */
const UNSAID = new Set([
  'WaitingForOperator',
  'WaitingForSetup',
  'SetupSilent',
  'SetupStopped',
]);

/** What the provisioner says about things that the applied revision declares: the worst of them. */
export function describeProvisioner(
  facts: Pick<TenantFacts, 'items' | 'unlisted'>,
  subjects: Array<Pick<RequestSubject, 'name' | 'type'>>,
): ProvisionerObservation & { by: Provisioner } {
  // It is among what it makes; others that come with a layout are operators to whoever reads a trail.
  const by = facts.items.some(({ type }) => type === 'setup')
    ? 'setup-program'
    : 'operator';
  return { ...describeWorst(facts, subjects), by };
}

function describeWorst(
  facts: Pick<TenantFacts, 'items' | 'unlisted'>,
  subjects: Array<Pick<RequestSubject, 'name' | 'type'>>,
): ProvisionerObservation {
  const said = subjects.map(({ name, type }) =>
    describeItem(
      facts.items.find(
        item => item.listed && item.type === type && item.name === name,
      ),
      facts,
    ),
  );
  const times = said.flatMap(one =>
    one.state === 'ready' && one.at ? [one.at] : [],
  );
  return (
    said.find(({ state }) => state === 'failed') ??
    said.find(({ state }) => state === 'waiting') ?? {
      state: 'ready',
      at: times.sort().at(-1),
    }
  );
}

function describeItem(
  item: ProvisionedItem | undefined,
  { unlisted }: Pick<TenantFacts, 'unlisted'>,
): ProvisionerObservation {
  if (!item) {
    return waiting({ message: unlisted.message });
  }
  if (item.outdated) {
    return waiting(item.outdated);
  }
  const { at, hint, message, reason, state } = item.verdict;
  switch (state) {
    case 'ready':
      return { state, at };
    case 'drift':
      // A bucket that was changed is of use, and the server tells how it differs; a key that was changed is of none.
      return item.type === 'access'
        ? waiting({ reason, message })
        : { state: 'ready', at };
    case 'failed':
      return {
        state,
        reason: reason ?? 'Failed',
        message: message ?? 'Nothing says why',
        ...(hint && { hint }),
        at,
      };
    default:
      return waiting({ reason, message });
  }
}

function waiting({
  message,
  reason,
}: {
  message?: string;
  reason?: string;
}): ProvisionerObservation {
  return {
    state: 'waiting',
    waitingFor: [reason && !UNSAID.has(reason) ? reason : '', message]
      .filter(Boolean)
      .join(': '),
  };
}
