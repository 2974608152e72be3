import {
  giteaForge,
  githubForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeKind } from '@rustfs-portal/plugin-rustfs-node';
import { findGiteaIntegration } from './integrations/gitea';
import { findGithubIntegration } from './integrations/github';

/** The kinds of forges that come with the plugin; modules add others. */
export const FORGE_KINDS: readonly ForgeKind[] = [
  { factory: giteaForge, findIntegration: findGiteaIntegration },
  { factory: githubForge, findIntegration: findGithubIntegration },
];
