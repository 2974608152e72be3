export * from './RustfsApi';
export * from './RustfsApiClient';
