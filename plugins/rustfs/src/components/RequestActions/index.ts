export * from './RequestActions';
