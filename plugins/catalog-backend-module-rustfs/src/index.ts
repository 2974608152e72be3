/**
 * Catalog module: RustFS tenants and buckets as resources.
 *
 * @packageDocumentation
 */
export { catalogModuleRustfs as default } from './module';
export * from './RustfsEntityProvider';
