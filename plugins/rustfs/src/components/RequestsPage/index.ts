export * from './RequestsPage';
