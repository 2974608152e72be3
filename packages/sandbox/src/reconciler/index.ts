export { RustfsAdmin } from './operator';
export { startReconciler } from './startReconciler';
export type {
  ItemFault,
  Reconciler,
  ReconcilerLogger,
  ReconcilerOptions,
  SetupProgram,
} from './startReconciler';
