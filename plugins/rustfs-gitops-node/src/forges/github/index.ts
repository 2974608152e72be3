export * from './factory';
export * from './GitHubForge';
