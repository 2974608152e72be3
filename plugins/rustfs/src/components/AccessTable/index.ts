export * from './AccessTable';
