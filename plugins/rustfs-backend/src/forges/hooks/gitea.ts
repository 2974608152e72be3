import { ForgeHooks } from '@rustfs-portal/plugin-rustfs-node';
import { readGithubLike } from './githubLike';

/** Webhooks of Gitea and Forgejo, as `events-backend-module-rustfs` publishes them. */
export const giteaHooks: ForgeHooks = { topic: 'gitea', read: readGithubLike };
