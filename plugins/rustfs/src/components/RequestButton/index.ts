export * from './AskAgainButton';
export * from './RaiseQuotaButton';
export * from './RequestAnyButton';
export * from './RequestButton';
export * from './RequestStorageButton';
export * from './RevokeButton';
