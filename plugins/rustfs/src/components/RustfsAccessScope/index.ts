export * from './RustfsAccessScope';
