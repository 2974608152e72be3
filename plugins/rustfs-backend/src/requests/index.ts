export * from './RequestDecisions';
export * from './RequestFollower';
export * from './RequestNotifier';
export * from './RequestService';
export * from './RequestSubmitter';
export * from './RequestTargets';
