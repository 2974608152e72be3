export * from './ForgeFactory';
export * from './gitea';
