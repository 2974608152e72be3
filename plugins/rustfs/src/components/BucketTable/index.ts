export * from './BucketTable';
