import { ForgeServices } from '../app';
import { ForgeStore } from '../ForgeStore';
import { PullRecord, RepositoryRecord, UserRecord } from '../model';

/** Why a closed pull request cannot be opened again; undefined: it can. Its branch has to have what it was closed with. */
export async function mayReopen(
  { store }: Pick<ForgeServices, 'store'>,
  repository: RepositoryRecord,
  pull: PullRecord,
): Promise<string | undefined> {
  if (pull.merged) {
    return 'state cannot be changed. The pull request is merged.';
  }
  const git = store.git(repository);
  const tip = await git.branch(pull.head);
  if (!tip) {
    return `state cannot be changed. The ${pull.head} branch has been deleted.`;
  }
  return tip === pull.headCommit || (await git.isAncestor(pull.headCommit, tip))
    ? undefined
    : `state cannot be changed. The ${pull.head} branch was force-pushed or recreated.`;
}

/** A pull request whose branch has nothing that its base has not is closed, as if by whoever moved it. */
export async function closeEmpty(
  { pulls, store }: Pick<ForgeServices, 'pulls' | 'store'>,
  repository: RepositoryRecord,
  branch: string,
  user: UserRecord,
): Promise<void> {
  const git = store.git(repository);
  for (const pull of repository.pulls) {
    const [head, base] = await Promise.all([
      git.branch(pull.head),
      git.branch(pull.base),
    ]);
    if (
      pull.state === 'open' &&
      pull.head === branch &&
      head &&
      base &&
      (await git.isAncestor(head, base))
    ) {
      await pulls.edit(repository, pull, user, { state: 'closed' });
    }
  }
}

export function ownerOfTeam(
  store: ForgeStore,
  repository: RepositoryRecord,
  team: string,
): boolean {
  return (
    store
      .organization(repository.owner)
      ?.teams.some(({ name }) => name === team) ?? false
  );
}
