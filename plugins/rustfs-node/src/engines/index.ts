export * from './enginesExtensionPoint';
export * from './GitOpsEngine';
