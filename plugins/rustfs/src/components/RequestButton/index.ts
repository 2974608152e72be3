export * from './AskAgainButton';
export * from './RequestButton';
