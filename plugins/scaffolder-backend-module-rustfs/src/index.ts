/**
 * The scaffolder backend module that adds actions for RustFS storage.
 *
 * @packageDocumentation
 */
export { scaffolderModuleRustfs as default } from './module';
export * from './actions';
