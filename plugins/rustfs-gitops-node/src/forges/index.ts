export * from './GiteaForge';
