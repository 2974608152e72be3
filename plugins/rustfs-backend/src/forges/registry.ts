import {
  forgejoForge,
  giteaForge,
  githubForge,
  gitlabForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeKind } from '@rustfs-portal/plugin-rustfs-node';
import { findGiteaIntegration } from './integrations/gitea';
import { findGithubIntegration } from './integrations/github';
import { findGitlabIntegration } from './integrations/gitlab';

/** The kinds of forges that come with the plugin; modules add others. */
export const FORGE_KINDS: readonly ForgeKind[] = [
  { factory: giteaForge, findIntegration: findGiteaIntegration },
  // Backstage takes it for a Gitea.
  {
    factory: forgejoForge,
    integrationType: 'gitea',
    findIntegration: findGiteaIntegration,
  },
  { factory: githubForge, findIntegration: findGithubIntegration },
  { factory: gitlabForge, findIntegration: findGitlabIntegration },
];
