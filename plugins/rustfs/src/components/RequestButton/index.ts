export * from './RequestButton';
