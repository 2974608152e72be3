export * from './RustfsQuota';
