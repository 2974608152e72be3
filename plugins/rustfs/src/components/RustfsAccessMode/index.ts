export * from './RustfsAccessMode';
