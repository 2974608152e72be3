export * from './factory';
export * from './GitLabForge';
