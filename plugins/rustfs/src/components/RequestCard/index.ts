export * from './RequestCard';
