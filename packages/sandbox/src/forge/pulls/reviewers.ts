import { accessOf, atLeast, teamReaches } from '../access';
import { ownersOf, readCodeOwners } from '../codeowners';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import {
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  UserRecord,
} from '../model';

/** Who is asked for a review: a person by name, or a team by id. */
export type Reviewer = Pick<ReviewRecord, 'user' | 'team'>;

/** People and teams of the owner, by their names. */
export interface ReviewerNames {
  users: string[];
  teams: string[];
}

/** @throws GiteaError 404 when there is no such person or team */
export function findReviewers(
  store: ForgeStore,
  repository: RepositoryRecord,
  names: ReviewerNames,
): Reviewer[] {
  return [
    ...names.users.map(name => {
      const user = store.user(name);
      if (!user) throw GiteaError.notFound(`user doesn't exist: ${name}`);
      return { user: user.name };
    }),
    ...names.teams.map(name => {
      const team = store
        .organization(repository.owner)
        ?.teams.find(other => other.name === name);
      if (!team) throw GiteaError.notFound(`team doesn't exist: ${name}`);
      return { team: team.id };
    }),
  ];
}

/** Who has to look at a change of these paths, as the CODEOWNERS file says; names it gets wrong are left out. */
export async function findCodeOwners(
  store: ForgeStore,
  repository: RepositoryRecord,
  poster: UserRecord,
  changedPaths: () => Promise<string[]>,
): Promise<Reviewer[]> {
  const rules = await readCodeOwners(store, repository);
  if (rules.length === 0) return [];
  const names = ownersOf(rules, await changedPaths());
  return names.flatMap((name): Reviewer[] => {
    if (name.includes('/')) {
      const [organization, team] = name.split('/');
      const found = store
        .organization(organization)
        ?.teams.find(other => other.name === team);
      return found ? [{ team: found.id }] : [];
    }
    const user = store.user(name);
    return user &&
      user.id !== poster.id &&
      atLeast(accessOf(store, repository, user), 'read')
      ? [{ user: user.name }]
      : [];
  });
}

/** Why somebody cannot review a pull request, in Gitea's words. */
export function reviewerProblem(
  store: ForgeStore,
  repository: RepositoryRecord,
  pull: PullRecord,
  reviewer: Reviewer,
): string | undefined {
  if (reviewer.team !== undefined) {
    const found = store.teamById(reviewer.team);
    return found && teamReaches(found.team, repository)
      ? undefined
      : `Reviewer can't read [team_id: ${reviewer.team}, repo_id: ${repository.id}]`;
  }
  const user = store.user(reviewer.user ?? '');
  const ids = `[user_id: ${user?.id}, repo_id: ${repository.id}]`;
  if (!user || !atLeast(accessOf(store, repository, user), 'read')) {
    return `Reviewer can't read ${ids}`;
  }
  return pull.poster === user.name
    ? `poster of pr can't be reviewer ${ids}`
    : undefined;
}
