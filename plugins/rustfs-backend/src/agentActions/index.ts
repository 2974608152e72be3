export * from './askingActions';
export * from './readActions';
