import { z } from 'zod';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform(value => value ?? undefined);
const user = z.object({ login: z.string(), full_name: absent(z.string()) });

export const versionSchema = z.object({ version: z.string() });

export const blobsSchema = z.array(
  z.object({ sha, content: absent(z.string()), encoding: absent(z.string()) }),
);

/** A file by its path; a folder is a list. */
export const contentsSchema = z
  .object({
    path: z.string(),
    type: z.string(),
    sha,
    encoding: absent(z.string()),
    content: absent(z.string()),
  })
  .or(z.array(z.unknown()).transform(() => undefined));

export const repositorySchema = z.object({
  default_branch: absent(z.string()),
  default_merge_style: absent(z.string()),
});

export const branchSchema = z.object({
  commit: z.object({
    id: sha,
    message: absent(z.string()),
    committer: absent(z.object({ name: z.string(), email: z.string() })),
    timestamp: absent(z.string()),
  }),
  enable_status_check: absent(z.boolean()),
  status_check_contexts: absent(z.array(z.string())),
});

export const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z
    .array(
      z.object({
        path: z.string(),
        mode: z.string(),
        type: z.string(),
        size: z.number().optional(),
        sha,
      }),
    )
    .nullish()
    .transform(tree => tree ?? []),
});

export const fileContentsSchema = z.array(
  z
    .object({
      path: z.string(),
      type: z.string(),
      sha,
      encoding: z.string().nullish(),
      content: z.string().nullish(),
    })
    .nullable(),
);

export const commitSchema = z.object({
  commit: z.object({ sha, parents: z.array(z.object({ sha })).min(1) }),
});

export const pullSchema = z.object({
  number: z.number().int(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  title: z.string(),
  body: absent(z.string()),
  draft: absent(z.boolean()),
  mergeable: absent(z.boolean()),
  merged: absent(z.boolean()),
  merged_at: absent(z.string()),
  merged_by: absent(user),
  merge_commit_sha: absent(z.string()),
  merge_base: absent(z.string()),
  updated_at: absent(z.string()),
  closed_at: absent(z.string()),
  requested_reviewers: absent(z.array(user)),
  requested_reviewers_teams: absent(z.array(z.object({ name: z.string() }))),
  base: z.object({ ref: z.string() }),
  // The ref turns into refs/pull/N/head when the branch is gone; the label stays.
  head: z.object({ label: z.string(), ref: z.string(), sha: z.string() }),
});

export const pullsSchema = z.array(pullSchema);

export const reviewsSchema = z.array(
  z.object({
    user: absent(user),
    state: z.string(),
    body: absent(z.string()),
    submitted_at: absent(z.string()),
    html_url: absent(z.string()),
    official: absent(z.boolean()),
    stale: absent(z.boolean()),
    dismissed: absent(z.boolean()),
  }),
);

// The state of the whole is of no use: it is that of the page, and "pending" when there are no statuses.
export const combinedStatusSchema = z.object({
  statuses: absent(
    z.array(
      z.object({
        context: absent(z.string()),
        status: z.string(),
        description: absent(z.string()),
        target_url: absent(z.string()),
      }),
    ),
  ),
});

export const statusSchema = z.object({ context: z.string() });

export const compareSchema = z.object({ total_commits: z.number().int() });

/** As much of a listed one as is needed; what is not like it is somebody else's, and no reason to see none. */
export const listedPullSchema = z.object({
  number: z.number().int(),
  head: z.object({ sha }),
  updated_at: z.string(),
  mergeable: absent(z.boolean()),
});
