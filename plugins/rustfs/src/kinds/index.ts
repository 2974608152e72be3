export * from './kinds';
export { modeTitle } from './accessWords';
export type {
  FormContent,
  KindDefinition,
  RequestKindView,
  Translate,
} from './KindView';
