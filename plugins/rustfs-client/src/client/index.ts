export * from './HttpProvisioningClient';
export { HttpRustfsClient } from './HttpRustfsClient';
export type {
  HttpRustfsClientOptions,
  ObserveRequest,
} from './HttpRustfsClient';
export * from './ProvisioningClient';
export * from './RustfsClient';
export * from './RustfsError';
export type { ClientWords } from './translateError';
