export * from './ShowMore';
