export * from './askingActions';
export * from './readActions';
export * from './readableErrors';
