export { createBucketRequestAction } from './bucketRequest';
