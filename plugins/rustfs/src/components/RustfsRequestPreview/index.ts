export * from './RustfsRequestPreview';
