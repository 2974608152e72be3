export * from './Muted';
