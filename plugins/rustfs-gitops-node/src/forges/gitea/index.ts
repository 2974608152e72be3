export * from './factory';
export * from './GiteaForge';
