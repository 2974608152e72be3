export * from './AccessDialog';
