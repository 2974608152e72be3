export * from './RequestList';
