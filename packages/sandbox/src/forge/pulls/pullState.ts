/** Changes of a pull request that come about in more than one way: by a call, by a merge, by a push. */

import { ForgeStore } from '../ForgeStore';
import {
  EventRecord,
  PullRecord,
  RepositoryRecord,
  UserRecord,
} from '../model';

/** Adds a line to its timeline. */
export function addEvent(
  store: ForgeStore,
  pull: PullRecord,
  event: Pick<EventRecord, 'type' | 'body'> & { user: UserRecord },
): void {
  pull.events.push({
    ...event,
    user: event.user.name,
    id: store.nextId('comment'),
    createdAt: new Date().toISOString(),
  });
}

export function addPushEvent(
  store: ForgeStore,
  pull: PullRecord,
  push: { user: UserRecord; commits: string[]; forced: boolean },
): void {
  addEvent(store, pull, {
    type: 'pull_push',
    user: push.user,
    body: JSON.stringify({
      is_force_push: push.forced,
      commit_ids: push.commits,
    }),
  });
}

export function setState(
  store: ForgeStore,
  pull: PullRecord,
  user: UserRecord,
  state: 'open' | 'closed',
): void {
  pull.state = state;
  pull.closedAt = state === 'closed' ? new Date().toISOString() : undefined;
  if (state === 'closed') pull.scheduledMerge = undefined;
  addEvent(store, pull, {
    type: state === 'open' ? 'reopen' : 'close',
    user,
    body: '',
  });
}

/** Takes another commit for what is proposed. */
export async function setHead(
  store: ForgeStore,
  repository: RepositoryRecord,
  pull: PullRecord,
  commit: string,
): Promise<void> {
  const git = store.git(repository);
  pull.headCommit = commit;
  const base = await git.branch(pull.base);
  if (base) pull.mergeBase = (await git.mergeBase(base, commit)) ?? base;
  await keepHead(store, repository, pull);
}

/** A ref of its own keeps the commits of a pull request when its branch goes. */
export async function keepHead(
  store: ForgeStore,
  repository: RepositoryRecord,
  pull: PullRecord,
): Promise<void> {
  await store
    .git(repository)
    .updateRef(`refs/pull/${pull.number}/head`, pull.headCommit);
}
