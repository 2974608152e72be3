export * from './AskAgainButton';
export * from './RequestAnyButton';
export * from './RequestButton';
export * from './RequestStorageButton';
export * from './RevokeButton';
