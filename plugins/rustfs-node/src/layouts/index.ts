export * from './layoutsExtensionPoint';
export * from './Provisioner';
export * from './StorageLayout';
