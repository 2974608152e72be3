export { startRustfsServer } from './startRustfsServer';
export type {
  RustfsFaults,
  RustfsLogger,
  RustfsServer,
  RustfsServerOptions,
} from './types';
