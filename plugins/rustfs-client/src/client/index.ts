export * from './HttpRustfsClient';
export * from './RustfsClient';
export * from './RustfsError';
