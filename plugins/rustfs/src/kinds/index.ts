export * from './kinds';
export { modeTitle } from './accessWords';
export type { FormContent, RequestKindView, Translate } from './KindView';
