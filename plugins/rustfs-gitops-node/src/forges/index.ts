export * from './ForgeFactory';
export * from './gitea';
export * from './github';
export * from './gitlab';
