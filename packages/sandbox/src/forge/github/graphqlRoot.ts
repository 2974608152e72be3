import { GraphQLError } from 'graphql';
import { accessOf, atLeast, isDraft, protectionOf } from '../access';
import { Caller } from '../authentication';
import { ForgeServices } from '../app';
import { GiteaError } from '../GiteaError';
import { Commit, GitRepository, NO_COMMIT, TreeEntry } from '../GitRepository';
import { PullRecord, RepositoryRecord } from '../model';
import { mergeBlocker } from '../pulls/mergeBlocker';
import { latestStatuses } from '../statuses';
import { closeEmpty } from './pullRules';
import { fullName } from './restRoutes';

const REVIEW_STATES: Record<string, string> = {
  APPROVED: 'APPROVED',
  REQUEST_CHANGES: 'CHANGES_REQUESTED',
  COMMENT: 'COMMENTED',
};
const STATUS_STATES: Record<string, string> = {
  success: 'SUCCESS',
  failure: 'FAILURE',
  error: 'ERROR',
};

/** An error as GitHub's GraphQL API writes it: with a type. */
function problem(type: string | undefined, message: string): GraphQLError {
  return new GraphQLError(
    message,
    undefined,
    undefined,
    undefined,
    undefined,
    undefined,
    { type },
  );
}

/** What the documents of the portal ask for; fields that it does not ask for are not there. */
export function createGraphqlRoot(
  services: ForgeServices,
  caller: Caller,
  /** Merges that were asked for before: GitHub works them out after that. */
  known: Set<string>,
) {
  const { store } = services;

  function visible(repository: RepositoryRecord | undefined) {
    const isSeen =
      repository && atLeast(accessOf(store, repository, caller.user), 'read');
    return isSeen ? repository : undefined;
  }

  function repositoryOf({ name, owner }: { name: string; owner: string }) {
    const repository = visible(store.repository(owner, name));
    if (!repository) {
      throw problem(
        'NOT_FOUND',
        `Could not resolve to a Repository with the name '${owner}/${name}'.`,
      );
    }
    const git = store.git(repository);
    return {
      id: `R_${repository.id}`,
      nameWithOwner: fullName(repository),
      isArchived: repository.archived,
      isEmpty: () => services.repositories.isEmpty(repository),
      ref: ({ qualifiedName }: { qualifiedName: string }) =>
        refOf(git, qualifiedName),
      object: ({ expression, oid }: { expression?: string; oid?: string }) =>
        objectOf(git, expression ?? oid!),
      pullRequests: async ({
        after,
        first,
      }: {
        after?: string;
        first: number;
      }) => {
        const open = repository.pulls
          .filter(({ state }) => state === 'open')
          .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
        const start = Number(after ?? 0);
        return {
          nodes: await Promise.all(
            open
              .slice(start, start + first)
              .map(pull => pullOf(repository, git, pull)),
          ),
          pageInfo: {
            hasNextPage: start + first < open.length,
            hasPreviousPage: start > 0,
            endCursor: String(start + first),
          },
        };
      },
      pullRequest: ({ number }: { number: number }) => {
        const pull = repository.pulls.find(one => one.number === number);
        if (!pull) {
          throw problem(
            'NOT_FOUND',
            `Could not resolve to a PullRequest with the number of ${number}.`,
          );
        }
        return pullOf(repository, git, pull);
      },
    };
  }

  async function pullOf(
    repository: RepositoryRecord,
    git: GitRepository,
    pull: PullRecord,
  ) {
    const facts = await services.facts.read(repository, pull);
    const rule = protectionOf(repository, pull.base);
    const key = `${pull.id} ${pull.headCommit} ${facts.baseCommit}`;
    const isKnown = known.has(key);
    known.add(key);
    const isConflict = facts.conflicts.length > 0;
    const commits = (
      await git.log([pull.headCommit, `^${pull.mergeBase}`])
    ).reverse();
    const statuses = latestStatuses(repository, pull.headCommit);
    const writers = pull.reviews.filter(
      ({ official, state }) =>
        official && (state === 'APPROVED' || state === 'REQUEST_CHANGES'),
    );
    const contexts = statuses.map(status => ({
      __typename: 'StatusContext',
      context: status.context,
      state: STATUS_STATES[status.state] ?? 'PENDING',
      description: status.description || null,
      targetUrl: status.targetUrl || null,
      isRequired: rule?.status_check_contexts.includes(status.context) ?? false,
    }));
    const toCommit = (commit: Commit) => ({
      commit: {
        ...commitOf(git, commit),
        status: contexts.length
          ? {
              context: ({ name }: { name: string }) =>
                contexts.find(({ context }) => context === name) ?? null,
            }
          : null,
        statusCheckRollup: contexts.length
          ? {
              contexts: ({ first }: { first: number }) => ({
                nodes: contexts.slice(0, first),
              }),
            }
          : null,
      },
    });
    return {
      number: pull.number,
      updatedAt: pull.updatedAt,
      url: `${services.presenter.url}/${fullName(repository)}/pull/${
        pull.number
      }`,
      state: pull.merged ? 'MERGED' : pull.state.toUpperCase(),
      title: pull.title,
      body: pull.body,
      isDraft: isDraft(pull),
      headRefName: pull.head,
      headRefOid: pull.headCommit,
      baseRefName: pull.base,
      mergeable: mergeableOf({ isConflict, isKnown }),
      mergeStateStatus: mergeStateOf({
        isConflict,
        isBlocked: mergeBlocker(repository, pull, facts) !== undefined,
      }),
      isInMergeQueue: false,
      reviewDecision: rule?.required_approvals
        ? decisionOf(
            writers.map(({ state }) => state),
            rule.required_approvals,
          )
        : null,
      mergedAt: pull.merged?.at,
      mergedBy: pull.merged && actorOf(pull.merged.by),
      mergeCommit: pull.merged && { oid: pull.merged.commit },
      closedAt: pull.closedAt,
      commits: ({ first, last }: { first?: number; last?: number }) => ({
        nodes: (last === undefined
          ? commits.slice(0, first)
          : commits.slice(-last)
        ).map(toCommit),
      }),
      reviewRequests: {
        nodes: pull.reviews
          .filter(({ state }) => state === 'REQUEST_REVIEW')
          .map(({ team, user }) => ({
            requestedReviewer:
              user === undefined
                ? {
                    __typename: 'Team',
                    slug: store.teamById(team!)!.team.name,
                    organization: { login: repository.owner },
                  }
                : actorOf(user),
          })),
      },
      latestOpinionatedReviews: ({
        writersOnly,
      }: {
        writersOnly: boolean;
      }) => ({
        nodes: (writersOnly ? writers : pull.reviews).map(({ user }) => ({
          author: user && actorOf(user),
        })),
      }),
      reviews: ({ last, states }: { last: number; states: string[] }) => ({
        nodes: pull.reviews
          .filter(({ state }) => REVIEW_STATES[state])
          .map(review => ({
            author: review.user && actorOf(review.user),
            state:
              review.dismissed && review.stale
                ? 'DISMISSED'
                : REVIEW_STATES[review.state],
            submittedAt: review.submittedAt,
            url: `${services.presenter.url}/${fullName(repository)}/pull/${
              pull.number
            }#pullrequestreview-${review.id}`,
            body: review.body,
            commit: { oid: review.commit },
          }))
          .filter(({ state }) => states.includes(state))
          .slice(-last),
      }),
    };
  }

  function actorOf(name: string) {
    const user = store.user(name);
    return { __typename: 'User', login: name, name: user?.fullName || null };
  }

  return {
    repository: repositoryOf,
    updateRefs: async ({
      input,
    }: {
      input: {
        repositoryId: string;
        refUpdates: Array<{
          name: string;
          beforeOid: string;
          afterOid: string;
          force: boolean;
        }>;
      };
    }) => {
      const repository = visible(
        store.repositoryById(Number(input.repositoryId.slice(2))),
      );
      const user = caller.user;
      if (!repository || !user) {
        throw problem(
          'NOT_FOUND',
          `Could not resolve to a node with the global id of '${input.repositoryId}'`,
        );
      }
      if (!services.repositories.mayWrite(repository, user)) {
        throw problem('FORBIDDEN', 'Resource not accessible by integration');
      }
      const git = store.git(repository);
      for (const {
        afterOid: after,
        beforeOid,
        force,
        name,
      } of input.refUpdates) {
        const branch = name.replace(/^refs\/heads\//, '');
        const before = (await git.branch(branch)) ?? NO_COMMIT;
        if (before !== beforeOid) {
          throw problem(
            'STALE_DATA',
            `Expected ${name} to point to "${beforeOid}" but it did not`,
          );
        }
        const isForced =
          before !== NO_COMMIT && !(await git.isAncestor(before, after));
        if (isForced && !force) {
          throw problem(undefined, 'Update is not a fast forward');
        }
        try {
          services.repositories.checkPush(repository, user, branch, {
            forced: isForced,
          });
          await services.repositories.moveBranch(
            repository,
            branch,
            { before, after },
            user,
          );
        } catch (error) {
          if (error instanceof GiteaError) {
            throw problem(
              undefined,
              `Repository rule violations found\n\n${error.message}`,
            );
          }
          throw error;
        }
        await closeEmpty(services, repository, branch, user);
      }
      return { clientMutationId: null };
    },
  };
}

async function refOf(git: GitRepository, name: string) {
  const commit = await git.branch(name.replace(/^refs\/heads\//, ''));
  return commit
    ? { name, target: commitOf(git, await git.commit(commit)) }
    : null;
}

async function objectOf(git: GitRepository, expression: string) {
  const commit = await git.resolve(expression);
  if (commit) {
    return commitOf(git, await git.commit(commit));
  }
  if ((await git.objectType(expression)) !== 'blob') {
    return null;
  }
  const bytes = await git.blob(expression);
  const isBinary = bytes.includes(0);
  return {
    __typename: 'Blob',
    oid: expression,
    byteSize: bytes.length,
    isBinary,
    isTruncated: false,
    // What is no UTF-8 comes back in another form.
    text: isBinary ? null : bytes.toString('utf8').replace(/^\uFEFF/, ''),
  };
}

function commitOf(git: GitRepository, commit: Commit) {
  return {
    __typename: 'Commit',
    oid: commit.sha,
    message: commit.message,
    committer: commit.committer,
    tree: { oid: commit.tree },
    parents: { nodes: commit.parents.map(oid => ({ oid })) },
    file: async ({ path }: { path: string }) => {
      const found = (await git.entries(commit.sha, [path])).get(path);
      return found ? entryOf(found) : null;
    },
  };
}

function entryOf({ mode, sha, type }: TreeEntry) {
  return { oid: sha, mode: parseInt(mode, 8), type };
}

function mergeableOf(merge: { isConflict: boolean; isKnown: boolean }): string {
  if (!merge.isKnown) return 'UNKNOWN';
  return merge.isConflict ? 'CONFLICTING' : 'MERGEABLE';
}

function mergeStateOf(merge: { isConflict: boolean; isBlocked: boolean }) {
  if (merge.isConflict) return 'DIRTY';
  return merge.isBlocked ? 'BLOCKED' : 'CLEAN';
}

function decisionOf(verdicts: string[], required: number): string {
  if (verdicts.includes('REQUEST_CHANGES')) return 'CHANGES_REQUESTED';
  return verdicts.length >= required ? 'APPROVED' : 'REVIEW_REQUIRED';
}
