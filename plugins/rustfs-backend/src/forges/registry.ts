import {
  forgejoForge,
  giteaForge,
  githubForge,
  gitlabForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeKind } from '@rustfs-portal/plugin-rustfs-node';
import { giteaHooks } from './hooks/gitea';
import { githubHooks } from './hooks/github';
import { gitlabHooks } from './hooks/gitlab';
import { findGiteaIntegration } from './integrations/gitea';
import { findGithubIntegration } from './integrations/github';
import { findGitlabIntegration } from './integrations/gitlab';

/** The kinds of forges that come with the plugin; modules add others. */
export const FORGE_KINDS: readonly ForgeKind[] = [
  {
    factory: giteaForge,
    findIntegration: findGiteaIntegration,
    hooks: giteaHooks,
  },
  // Backstage takes it for a Gitea.
  {
    factory: forgejoForge,
    integrationType: 'gitea',
    findIntegration: findGiteaIntegration,
    hooks: giteaHooks,
  },
  {
    factory: githubForge,
    findIntegration: findGithubIntegration,
    hooks: githubHooks,
  },
  {
    factory: gitlabForge,
    findIntegration: findGitlabIntegration,
    hooks: gitlabHooks,
  },
];
