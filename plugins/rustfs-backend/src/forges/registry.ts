import { giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { ForgeKind } from '@rustfs-portal/plugin-rustfs-node';
import { findGiteaIntegration } from './integrations/gitea';

/** The kinds of forges that come with the plugin; modules add others. */
export const FORGE_KINDS: readonly ForgeKind[] = [
  { factory: giteaForge, findIntegration: findGiteaIntegration },
];
