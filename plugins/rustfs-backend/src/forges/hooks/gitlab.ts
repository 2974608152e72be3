import { POLICY_STATUS } from '@rustfs-portal/plugin-rustfs-common';
import { ForgeHooks, ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';

const projectSchema = z.object({
  web_url: z.string(),
  git_http_url: z.string().optional(),
  git_ssh_url: z.string().optional(),
});

const bodySchema = z.discriminatedUnion('object_kind', [
  z.object({
    object_kind: z.literal('merge_request'),
    project: projectSchema,
    object_attributes: z.object({
      iid: z.int().positive(),
      action: z.string().optional(),
      /** The commit before, where it has others now. */
      oldrev: z.string().optional(),
      last_commit: z.object({ id: z.string() }).nullish(),
    }),
  }),
  z.object({
    object_kind: z.literal('push'),
    project: projectSchema,
    ref: z.string(),
  }),
  z.object({
    object_kind: z.literal('pipeline'),
    project: projectSchema,
    object_attributes: z.object({ sha: z.string(), status: z.string() }),
    builds: z.array(z.object({ name: z.string() })).optional(),
  }),
]);

type Body = z.infer<typeof bodySchema>;

const MOVING = [
  'close',
  'merge',
  'reopen',
  'approved',
  'unapproved',
  'approval',
  'unapproval',
];

/** What a pipeline says in between is nothing that a request waits for. */
const ENDED = ['success', 'failed', 'canceled', 'skipped'];

const BRANCH = 'refs/heads/';

/** Webhooks of GitLab, as `@backstage/plugin-events-backend-module-gitlab` publishes them. */
export const gitlabHooks: ForgeHooks = {
  topic: 'gitlab',
  read: body => {
    const { data } = bodySchema.safeParse(body);
    const about = data && aboutOf(data);
    if (!about) {
      return [];
    }
    const {
      git_http_url: http,
      git_ssh_url: ssh,
      web_url: page,
    } = data.project;
    return [
      {
        repository: [page, http, ssh].filter(url => url !== undefined),
        about,
      },
    ];
  },
};

function aboutOf(body: Body): ForgeNews['about'] | undefined {
  switch (body.object_kind) {
    case 'merge_request': {
      const {
        action = '',
        iid,
        last_commit: last,
        oldrev,
      } = body.object_attributes;
      if (MOVING.includes(action)) {
        return { type: 'pull', number: iid };
      }
      return action === 'update' && oldrev && last
        ? { type: 'pushed', number: iid, commit: last.id }
        : undefined;
    }
    case 'push':
      return body.ref.startsWith(BRANCH)
        ? { type: 'branch', branch: body.ref.slice(BRANCH.length) }
        : undefined;
    default: {
      const { sha, status } = body.object_attributes;
      // A status from outside makes a pipeline of its own, the portal's too.
      const isOwn =
        body.builds?.length &&
        body.builds.every(({ name }) => name === POLICY_STATUS);
      return ENDED.includes(status) && !isOwn
        ? { type: 'commit', commit: sha }
        : undefined;
    }
  }
}
