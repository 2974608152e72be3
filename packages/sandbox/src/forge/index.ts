export { startForge } from './startForge';
export type {
  Forge,
  ForgeOptions,
  ForgeRepositoryOptions,
  ForgeUser,
  ForgeWebhook,
} from './startForge';
export type { ForgeCall, ForgeFaults } from './app';
