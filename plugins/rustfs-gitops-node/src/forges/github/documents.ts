/**
 * The GraphQL documents that are sent to GitHub. Each asks for as much as one call can, as a call counts and a field does not.
 *
 * @see https://docs.github.com/en/graphql/overview/rate-limits-and-node-limits-for-the-graphql-api
 */

const REPOSITORY = '(owner: $owner, name: $name, followRenames: false)';

/** What a change is written on: the tip of the base branch with the files that change, and the branch as it is. */
export function tipDocument(fileCount: number): string {
  return `query Tip($owner: String!, $name: String!, $base: String!, $branch: String!${declare(
    'p',
    fileCount,
  )}) {
  repository${REPOSITORY} {
    id
    isArchived
    isEmpty
    base: ref(qualifiedName: $base) {
      target {
        oid
        ... on Commit {
          tree { oid }
          ${files(fileCount)}
        }
      }
    }
    branch: ref(qualifiedName: $branch) {
      target {
        oid
        ... on Commit {
          message
          committer { name email date }
          tree { oid }
          parents(first: 2) { nodes { oid } }
        }
      }
    }
  }
}`;
}

/** The blob ids of files at a commit or branch. */
export function filesDocument(fileCount: number): string {
  return `query Files($owner: String!, $name: String!, $revision: String!${declare(
    'p',
    fileCount,
  )}) {
  repository${REPOSITORY} {
    object(expression: $revision) {
      oid
      ... on Commit {
        ${files(fileCount)}
      }
    }
  }
}`;
}

/** The texts of files by their blob ids. */
export function blobsDocument(count: number): string {
  const blobs = range(count).map(
    index =>
      `b${index}: object(oid: $b${index}) { ... on Blob { oid isBinary isTruncated text } }`,
  );
  return `query Blobs($owner: String!, $name: String!${declare(
    'b',
    count,
    'GitObjectID!',
  )}) {
  repository${REPOSITORY} {
    ${blobs.join('\n    ')}
  }
}`;
}

/** A branch and what is on it. */
export const BRANCH_DOCUMENT = `query Branch($owner: String!, $name: String!, $branch: String!) {
  repository${REPOSITORY} {
    id
    isEmpty
    ref(qualifiedName: $branch) {
      target {
        oid
        ... on Commit {
          message
          committer { name email date }
        }
      }
    }
  }
}`;

/** Moves a branch, if it is where it was seen: a branch that is not there yet was seen at forty zeros. */
export const MOVE_DOCUMENT = `mutation Move($repositoryId: ID!, $name: GitRefname!, $before: GitObjectID!, $after: GitObjectID!) {
  updateRefs(
    input: {
      repositoryId: $repositoryId
      refUpdates: [{ name: $name, beforeOid: $before, afterOid: $after, force: true }]
    }
  ) {
    clientMutationId
  }
}`;

/** The open pull requests, the one that moved last first, with what no list of the other API tells: whether they can be merged. */
export const OPEN_DOCUMENT = `query Open($owner: String!, $name: String!, $after: String) {
  repository${REPOSITORY} {
    pullRequests(states: [OPEN], first: 100, after: $after, orderBy: { field: UPDATED_AT, direction: DESC }) {
      nodes { number headRefOid updatedAt mergeable }
      pageInfo { hasNextPage endCursor }
    }
  }
}`;

// The status of the portal is asked for by name: where many speak, it is not among the first.
const CHECKS = `headCommit: commits(last: 1) {
        nodes {
          commit {
            status {
              context(name: $status) {
                __typename
                context
                state
                description
                targetUrl
                isRequired(pullRequestNumber: $number)
              }
            }
            statusCheckRollup {
              contexts(first: 100) {
                nodes {
                  __typename
                  ... on CheckRun { name status conclusion title detailsUrl isRequired(pullRequestNumber: $number) }
                  ... on StatusContext { context state description targetUrl isRequired(pullRequestNumber: $number) }
                }
              }
            }
          }
        }
      }`;

const REVIEW = `{
        nodes {
          author { login ... on User { name } }
          state
          submittedAt
          url
          body
          commit { oid }
        }
      }`;

/**
 * A pull request with its reviews: verdicts by themselves, so that no number of comments comes before them.
 *
 * @param options - `checks`: what its checks say too; `teams`: the names of teams, which a token may have no right to
 */
export function pullDocument(options: {
  checks: boolean;
  teams: boolean;
}): string {
  return `query Pull($owner: String!, $name: String!, $number: Int!${
    options.checks ? ', $status: String!' : ''
  }) {
  repository${REPOSITORY} {
    pullRequest(number: $number) {
      number
      url
      state
      title
      body
      isDraft
      headRefName
      headRefOid
      baseRefName
      mergeable
      mergeStateStatus
      isInMergeQueue
      reviewDecision
      mergedAt
      mergedBy { login }
      mergeCommit { oid }
      closedAt
      firstCommit: commits(first: 1) { nodes { commit { parents(first: 1) { nodes { oid } } } } }
      reviewRequests(first: 100) {
        nodes {
          requestedReviewer {
            __typename
            ... on User { login name }
            ... on Bot { login }
            ... on Mannequin { login }
            ${
              options.teams ? '... on Team { slug organization { login } }' : ''
            }
          }
        }
      }
      counted: latestOpinionatedReviews(first: 100, writersOnly: true) { nodes { author { login } } }
      verdicts: reviews(last: 100, states: [APPROVED, CHANGES_REQUESTED, DISMISSED]) ${REVIEW}
      comments: reviews(last: 20, states: [COMMENTED]) ${REVIEW}
      ${options.checks ? CHECKS : ''}
    }
  }
}`;
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function declare(letter: string, count: number, type = 'String!'): string {
  return range(count)
    .map(index => `, $${letter}${index}: ${type}`)
    .join('');
}

function files(count: number): string {
  return range(count)
    .map(index => `f${index}: file(path: $p${index}) { oid mode type }`)
    .join('\n          ');
}
