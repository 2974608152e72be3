export * from './RustfsAccessName';
