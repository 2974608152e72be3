export * from './RequestApprovals';
