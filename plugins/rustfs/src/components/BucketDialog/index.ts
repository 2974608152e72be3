export * from './BucketDialog';
