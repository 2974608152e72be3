export * from './SopsWriter';
