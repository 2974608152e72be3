export * from './RustfsBucketName';
