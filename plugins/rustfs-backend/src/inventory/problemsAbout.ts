import { Problem } from '@rustfs-portal/plugin-rustfs-common';

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
    ...withoutNames(shown),
    ...(isIncomplete
      ? [
          {
            code: 'list-incomplete',
            part: 'storage',
            message:
              'Not everything that declares storage can be read at present, so something may be missing here',
            hint: 'The platform team sees in the list of tenants what it is.',
          },
        ]
      : []),
  ];
}
