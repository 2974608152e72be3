import { ForgeHooks } from '@rustfs-portal/plugin-rustfs-node';
import { readGithubLike } from './githubLike';

/** Webhooks of GitHub, as `@backstage/plugin-events-backend-module-github` publishes them. */
export const githubHooks: ForgeHooks = {
  topic: 'github',
  read: readGithubLike,
};
