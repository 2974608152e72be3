export * from './StorageTab';
