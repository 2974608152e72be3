export { RequestAnyButton } from './RequestAnyButton';
export * from './AskAgainButton';
export * from './RequestButton';
