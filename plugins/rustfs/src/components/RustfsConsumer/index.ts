export * from './RustfsConsumer';
