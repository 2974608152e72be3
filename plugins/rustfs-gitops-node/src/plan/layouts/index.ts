export * from './Layout';
export * from './Layouts';
export * from './openWorkspace';
export {
  compareWithApplied,
  type DeclaredName,
  type DeclaredNames,
} from './shared/compareWithApplied';
