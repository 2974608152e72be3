export * from './BucketsPage';
