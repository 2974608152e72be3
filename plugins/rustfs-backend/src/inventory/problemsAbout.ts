import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { Audience } from './Inventory';

/** Objects that cannot be read may be of other teams, and their names are not for everyone. */
export function withoutNames(problems: Problem[]): Problem[] {
  const clusters = new Set<string>();
  return problems.flatMap(problem => {
    if (problem.code !== 'object-unreadable') {
      return [problem];
    }
    if (clusters.has(problem.part)) {
      return [];
    }
    clusters.add(problem.part);
    return [
      {
        ...problem,
        message: `Cluster ${problem.part} has declarations of storage that cannot be read, so something may be missing here`,
        hint: 'The platform team sees in the list of tenants which ones.',
      },
    ];
  });
}

/**
 * The problems that are for somebody who may know of some tenants only: those of these tenants and of their clusters. That
 * something else cannot be read is still said, because it may hide what belongs into the list, but not what.
 */
export function problemsAbout(
  problems: Problem[],
  tenants: Iterable<string>,
): Problem[] {
  const refs = new Set(tenants);
  const clusters = new Set([...refs].map(ref => ref.split('/')[0]));
  const shown = problems.filter(
    ({ part }) => refs.has(part) || clusters.has(part),
  );
  // What a tenant has that its cluster does not declare is nobody's, so only clusters can hide something.
  const isIncomplete = problems.some(
    ({ part }) => !part.includes('/') && !clusters.has(part),
  );
  return [
    ...toldTo('team', shown),
    ...(isIncomplete ? [listIncomplete()] : []),
  ];
}

/** Something that may hide what belongs into an answer, without saying what. */
export function listIncomplete(): Problem {
  return {
    code: 'list-incomplete',
    part: 'storage',
    message:
      'Not everything that declares storage can be read at present, so something may be missing here',
    hint: 'The platform team sees in the list of tenants what it is.',
  };
}

/**
 * Problems of clusters and servers as they are told to an audience. Addresses, causes and rights are for those who can do
 * something about them; a team is told in one sentence what it means for them.
 */
export function toldTo(audience: Audience, problems: Problem[]): Problem[] {
  if (audience === 'platform') {
    return problems;
  }
  const told = withoutNames(problems).flatMap(problem => {
    if (problem.code === 'object-unreadable') {
      return [problem];
    }
    const message = messageForTeams(problem);
    return message
      ? [
          {
            ...problem,
            message,
            hint: 'The platform team sees in the list of tenants why.',
          },
        ]
      : [];
  });
  return [...new Map(told.map(problem => [problem.message, problem])).values()];
}

function messageForTeams({ code, part }: Problem): string | undefined {
  switch (code) {
    // What matters to those who ask for something is said by the form; the rest is for who configures the portal.
    case 'gitops-unreadable':
    case 'tenant-conflict':
    case 'workload-unclear':
      return undefined;
    case 'setup-silent':
      return `What is declared for tenant ${part} is not made at present`;
    case 'source-unreadable':
      return `Not everything that cluster ${part} has can be read at present, so something may be missing here`;
    case 'cluster-unreachable':
    case 'cluster-denied':
      return `What cluster ${part} has cannot be read at present, so it may be missing or out of date here`;
    case 'tenant-unreachable':
    case 'tenant-refused':
      return `What the server of tenant ${part} has cannot be read at present, so it may be missing or out of date here`;
    case 'users-unreadable':
      return `The portal may not see the users of tenant ${part}, so what is shown of accesses is what its cluster says`;
    case 'settings-unreadable':
      return `Whether the buckets of tenant ${part} are set as declared cannot be read at present`;
    case 'tenant-not-configured':
      return `The portal cannot ask the server of tenant ${part}, so only what its cluster says is shown`;
    case 'tenant-not-found':
      return `Tenant ${part} cannot be found at present`;
    default:
      return `Something about ${part} cannot be read at present, so it may be missing or out of date here`;
  }
}
