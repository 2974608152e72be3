export * from './Access';
export * from './DatabaseRateLimiter';
export * from './RateLimiter';
export * from './TooManyRequestsError';
