export * from './kinds';
export type { FormContent, RequestKindView, Translate } from './KindView';
