export * from './RustfsBucketPicker';
