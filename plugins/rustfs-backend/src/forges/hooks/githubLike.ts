import { POLICY_STATUS } from '@rustfs-portal/plugin-rustfs-common';
import { ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';

const repositorySchema = z.object({
  html_url: z.string(),
  clone_url: z.string().optional(),
  ssh_url: z.string().optional(),
});

/** As GitHub sends it, and Gitea and Forgejo after it: what matters here is the same. */
const bodySchema = z.object({
  repository: repositorySchema,
  action: z.string().optional(),
  pull_request: z
    .object({
      number: z.int().positive(),
      head: z.object({ sha: z.string() }).optional(),
    })
    .nullish(),
  review: z.unknown().optional(),
  ref: z.string().optional(),
  sha: z.string().optional(),
  context: z.string().optional(),
  check_run: z.object({ head_sha: z.string() }).optional(),
  check_suite: z.object({ head_sha: z.string() }).optional(),
});

type Body = z.infer<typeof bodySchema>;

/** Of a pull request; others tell nothing that a request is moved by, or what the portal does itself. */
const MOVING = [
  'closed',
  'reopened',
  'ready_for_review',
  'converted_to_draft',
  'enqueued',
  'dequeued',
];

/** GitHub and Gitea call it by two names. */
const PUSHED = ['synchronize', 'synchronized'];

const BRANCH = 'refs/heads/';

/** Reads a webhook of GitHub, Gitea or Forgejo. */
export function readGithubLike(body: unknown): ForgeNews[] {
  const { data } = bodySchema.safeParse(body);
  const about = data && aboutOf(data);
  if (!about) {
    return [];
  }
  const { clone_url: clone, html_url: page, ssh_url: ssh } = data.repository;
  return [
    {
      repository: [page, clone, ssh].filter(url => url !== undefined),
      about,
    },
  ];
}

function aboutOf(body: Body): ForgeNews['about'] | undefined {
  const { action = '', pull_request: pull } = body;
  if (pull) {
    const { head, number } = pull;
    if (PUSHED.includes(action)) {
      return head && { type: 'pushed', number, commit: head.sha };
    }
    return body.review || MOVING.includes(action)
      ? { type: 'pull', number }
      : undefined;
  }
  if (body.ref?.startsWith(BRANCH)) {
    return { type: 'branch', branch: body.ref.slice(BRANCH.length) };
  }
  const check = body.check_run ?? body.check_suite;
  if (check) {
    return action === 'completed'
      ? { type: 'commit', commit: check.head_sha }
      : undefined;
  }
  // What the portal says itself it knows.
  return body.sha && body.context && body.context !== POLICY_STATUS
    ? { type: 'commit', commit: body.sha }
    : undefined;
}
