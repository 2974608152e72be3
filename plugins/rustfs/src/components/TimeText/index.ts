export * from './TimeText';
