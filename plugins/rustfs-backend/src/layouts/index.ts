export * from './requireLayout';
export * from './StorageLayouts';
export * from './toClusterSource';
