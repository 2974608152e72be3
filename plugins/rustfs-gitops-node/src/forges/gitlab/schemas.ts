import { z } from 'zod';

const sha = z.string().regex(/^[0-9a-f]{40,64}$/);
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform(value => value ?? undefined);
/** Of an answer that has it only where the edition or the version does: what is otherwise there is as good as nothing. */
const perhaps = <T extends z.ZodType>(schema: T) =>
  absent(schema).catch(undefined);

export const userSchema = z.object({
  id: z.number().int(),
  username: z.string(),
  name: absent(z.string()),
});

/** Of the portal's own account. */
export const selfSchema = z.object({
  id: z.number().int(),
  username: z.string(),
  email: absent(z.string()),
  commit_email: absent(z.string()),
});

export const projectSchema = z.object({
  path_with_namespace: z.string(),
  archived: absent(z.boolean()),
  empty_repo: absent(z.boolean()),
  repository_access_level: absent(z.string()),
  merge_requests_access_level: absent(z.string()),
});

export const commitSchema = z.object({
  id: sha,
  parent_ids: absent(z.array(sha)),
  message: absent(z.string()),
  author_name: absent(z.string()),
  author_email: absent(z.string()),
  committer_name: absent(z.string()),
  committer_email: absent(z.string()),
  committed_date: absent(z.string()),
});

export const branchSchema = z.object({ commit: commitSchema });

export const treeSchema = z.array(
  z.object({
    id: sha,
    path: z.string(),
    type: z.string(),
    mode: z.string(),
  }),
);

export const blobSchema = z.object({
  content: z.string(),
  encoding: z.string(),
});

/** The paths that a commit changed. */
export const diffSchema = z.array(
  z.object({ old_path: z.string(), new_path: z.string() }),
);

export const mergeBaseSchema = z.object({ id: sha });

const pipeline = z.object({
  status: absent(z.string()),
  sha: absent(z.string()),
  ref: absent(z.string()),
  web_url: absent(z.string()),
});

/** What lists and single answers have in common. */
const listed = {
  iid: z.number().int(),
  state: z.string(),
  sha: absent(z.string()),
  updated_at: z.string(),
  has_conflicts: perhaps(z.boolean()),
  detailed_merge_status: perhaps(z.string()),
  source_project_id: absent(z.number()),
  target_project_id: absent(z.number()),
};

export const listedMergeRequestsSchema = z.array(z.object(listed));

export const mergeRequestSchema = z.object({
  ...listed,
  web_url: z.string(),
  title: z.string(),
  description: absent(z.string()),
  draft: absent(z.boolean()),
  source_branch: z.string(),
  target_branch: z.string(),
  merged_at: absent(z.string()),
  merge_user: perhaps(userSchema),
  closed_at: absent(z.string()),
  merge_commit_sha: absent(z.string()),
  squash_commit_sha: absent(z.string()),
  diff_refs: perhaps(z.object({ base_sha: absent(z.string()) })),
  head_pipeline: perhaps(pipeline),
  reviewers: perhaps(z.array(userSchema)),
  user_notes_count: perhaps(z.number()),
});

export const approvalsSchema = z.object({
  approved_by: absent(
    z.array(z.object({ user: userSchema, approved_at: perhaps(z.string()) })),
  ),
  approvals_left: perhaps(z.number()),
  approval_rules_left: perhaps(
    z.array(z.object({ name: perhaps(z.string()) })),
  ),
});

export const reviewersSchema = z.array(
  z.object({ user: userSchema, state: z.string() }),
);

/** What was pushed to a merge request, the newest first. */
export const versionsSchema = z.array(
  z.object({ head_commit_sha: z.string(), created_at: z.string() }),
);

export const notesSchema = z.array(
  z.object({
    id: z.number(),
    body: z.string(),
    system: absent(z.boolean()),
    author: absent(userSchema),
    created_at: absent(z.string()),
  }),
);

export const statusesSchema = z.array(
  z.object({
    name: absent(z.string()),
    status: z.string(),
    allow_failure: absent(z.boolean()),
    description: absent(z.string()),
    target_url: absent(z.string()),
  }),
);

export const statusSchema = z.object({ status: z.string() });

export const blobsSchema = z.object({
  project: absent(
    z.object({
      repository: absent(
        z.object({
          blobs: absent(
            z.object({
              nodes: z.array(
                z.object({
                  path: z.string(),
                  oid: sha,
                  // Larger than what a number can be in GraphQL it comes as text.
                  rawSize: absent(z.coerce.number()),
                  rawTextBlob: absent(z.string()),
                }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});

export const graphqlSchema = z.object({
  data: z.unknown(),
  errors: z
    .array(z.object({ message: z.string() }))
    .nullish()
    .transform(errors => errors ?? []),
});
