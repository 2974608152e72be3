export { startForge } from './startForge';
export type {
  Forge,
  ForgeOptions,
  ForgeRepositoryOptions,
  ForgeUser,
  ForgeWebhook,
} from './startForge';
export type { ForgeAnswer, ForgeCall, ForgeFaults } from './app';
