export * from './Placeholder';
