export * from './ForgeKind';
export * from './forgesExtensionPoint';
