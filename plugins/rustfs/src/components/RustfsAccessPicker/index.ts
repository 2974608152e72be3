export * from './RustfsAccessPicker';
