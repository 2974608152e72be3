export * from './AskAgainButton';
export * from './EnableButton';
export * from './RequestAnyButton';
export * from './RequestButton';
export * from './RequestStorageButton';
export * from './RevokeButton';
