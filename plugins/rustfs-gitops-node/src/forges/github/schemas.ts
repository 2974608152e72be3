import { z } from 'zod';

const oid = z.string().regex(/^[0-9a-f]{40,64}$/);
const absent = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform(value => value ?? undefined);
const login = z.object({ login: z.string() });

export const movedSchema = z.object({ full_name: z.string() });

export const repositorySchema = z.object({ default_branch: z.string() });

export const refSchema = z.object({ object: z.object({ sha: oid }) });

export const treeSchema = z.object({
  truncated: z.boolean(),
  tree: z.array(
    z.object({
      path: z.string(),
      mode: z.string(),
      type: z.string(),
      size: z.number().optional(),
      sha: oid,
    }),
  ),
});

export const blobSchema = z.object({
  content: z.string(),
  encoding: z.string(),
});

/** Of a tree or a commit that was made. */
export const madeSchema = z.object({ sha: oid });

export const listedPullsSchema = z.array(
  z.object({ number: z.number().int(), state: z.enum(['open', 'closed']) }),
);

export const pullSchema = z.object({
  number: z.number().int(),
  html_url: z.string(),
  state: z.enum(['open', 'closed']),
  title: z.string(),
  body: absent(z.string()),
  draft: absent(z.boolean()),
  merged_at: absent(z.string()),
  head: z.object({ ref: z.string(), sha: oid }),
  base: z.object({ ref: z.string() }),
  requested_reviewers: absent(z.array(login)),
  requested_teams: absent(z.array(z.object({ slug: z.string() }))),
});

export const requestedSchema = z.object({
  users: z.array(login),
  teams: z.array(z.object({ slug: z.string() })),
});

export const statusSchema = z.object({ context: z.string() });

export const compareSchema = z.object({ status: z.string() });

/** The rules of a branch that name checks; others have other parameters. */
export const rulesSchema = z.array(
  z.object({
    type: z.string(),
    parameters: z
      .object({
        required_status_checks: z
          .array(z.object({ context: z.string() }))
          .optional(),
      })
      .optional(),
  }),
);

/** A commit as far as it tells whose it is. */
export const tipCommitSchema = z.object({
  oid,
  message: z.string(),
  committer: absent(
    z.object({
      name: absent(z.string()),
      email: absent(z.string()),
      date: absent(z.string()),
    }),
  ),
});

const entry = absent(
  z.object({ oid, mode: z.number().int(), type: z.string() }),
);
/** By the aliases that a document gives files. */
const entries = z.record(z.string(), z.unknown()).transform((fields, ctx) =>
  Object.fromEntries(
    Object.keys(fields)
      .filter(key => /^f\d+$/.test(key))
      .map(key => {
        const parsed = entry.safeParse(fields[key]);
        if (!parsed.success) {
          ctx.addIssue({
            code: 'custom',
            path: [key],
            message: parsed.error.issues[0].message,
          });
        }
        return [key, parsed.data];
      }),
  ),
);

const repository = <T extends z.ZodRawShape>(shape: T) =>
  z.object({ repository: z.object(shape) });

export const tipSchema = repository({
  id: z.string(),
  isArchived: z.boolean(),
  isEmpty: z.boolean(),
  base: absent(
    z.object({
      target: z.intersection(
        z.object({ oid, tree: z.object({ oid }) }),
        entries,
      ),
    }),
  ),
  branch: absent(
    z.object({
      target: tipCommitSchema.extend({
        tree: z.object({ oid }),
        parents: z.object({ nodes: z.array(z.object({ oid })) }),
      }),
    }),
  ),
});

export const filesSchema = repository({
  object: absent(z.intersection(z.object({ oid }), entries)),
});

const blob = absent(
  z.object({
    oid,
    isBinary: absent(z.boolean()),
    isTruncated: z.boolean(),
    text: absent(z.string()),
  }),
);

export const blobsSchema = z.object({ repository: z.record(z.string(), blob) });

export const branchSchema = repository({
  id: z.string(),
  isEmpty: z.boolean(),
  ref: absent(z.object({ target: tipCommitSchema })),
});

const named = z.object({ login: z.string(), name: absent(z.string()) });
const nodes = <T extends z.ZodType>(schema: T) =>
  z
    .object({ nodes: absent(z.array(absent(schema))) })
    .nullish()
    .transform(list =>
      (list?.nodes ?? []).flatMap(node => (node === undefined ? [] : [node])),
    );

export const reviewerSchema = z.union([
  z.object({
    __typename: z.literal('Team'),
    slug: z.string(),
    organization: login,
  }),
  z.object({
    __typename: z.enum(['User', 'Bot', 'Mannequin']),
    ...named.shape,
  }),
]);

export const checkSchema = z.union([
  z.object({
    __typename: z.literal('CheckRun'),
    name: z.string(),
    status: z.string(),
    conclusion: absent(z.string()),
    title: absent(z.string()),
    detailsUrl: absent(z.string()),
    isRequired: z.boolean(),
  }),
  z.object({
    __typename: z.literal('StatusContext'),
    context: z.string(),
    state: z.string(),
    description: absent(z.string()),
    targetUrl: absent(z.string()),
    isRequired: z.boolean(),
  }),
]);

const review = z.object({
  author: absent(named),
  state: z.string(),
  submittedAt: absent(z.string()),
  url: z.string(),
  body: z.string(),
  commit: absent(z.object({ oid })),
});

export const openPullsSchema = repository({
  pullRequests: z.object({
    nodes: z.array(
      z.object({
        number: z.number().int(),
        headRefOid: oid,
        updatedAt: z.string(),
        mergeable: z.string(),
      }),
    ),
    pageInfo: z.object({
      hasNextPage: z.boolean(),
      endCursor: absent(z.string()),
    }),
  }),
});

export const fullPullSchema = z.object({
  number: z.number().int(),
  url: z.string(),
  state: z.enum(['OPEN', 'CLOSED', 'MERGED']),
  title: z.string(),
  body: z.string(),
  isDraft: z.boolean(),
  headRefName: z.string(),
  headRefOid: oid,
  baseRefName: z.string(),
  mergeable: z.string(),
  mergeStateStatus: z.string(),
  isInMergeQueue: z.boolean(),
  reviewDecision: absent(z.string()),
  mergedAt: absent(z.string()),
  mergedBy: absent(login),
  mergeCommit: absent(z.object({ oid })),
  closedAt: absent(z.string()),
  firstCommit: nodes(
    z.object({ commit: z.object({ parents: nodes(z.object({ oid })) }) }),
  ),
  // A team that may not be seen has no name here, and counts as nobody.
  reviewRequests: nodes(
    z.object({
      requestedReviewer: z
        .unknown()
        .transform(value => reviewerSchema.safeParse(value).data),
    }),
  ),
  counted: nodes(z.object({ author: absent(login) })),
  verdicts: nodes(review),
  comments: nodes(review),
  headCommit: z
    .object({
      nodes: z.array(
        z.object({
          commit: z.object({
            status: absent(z.object({ context: absent(checkSchema) })),
            statusCheckRollup: absent(
              z.object({ contexts: nodes(checkSchema) }),
            ),
          }),
        }),
      ),
    })
    .nullish()
    .transform(list => list?.nodes[0]?.commit),
});

export const pullAnswerSchema = repository({
  pullRequest: absent(fullPullSchema),
});

export const graphqlSchema = z.object({
  data: z.unknown(),
  errors: z
    .array(
      z.object({
        type: absent(z.string()),
        message: z.string(),
        path: absent(z.array(z.union([z.string(), z.number()]))),
      }),
    )
    .nullish()
    .transform(errors => errors ?? []),
});
