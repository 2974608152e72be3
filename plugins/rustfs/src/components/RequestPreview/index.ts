export * from './RequestPreview';
