export * from './RustfsSetupTenant';
