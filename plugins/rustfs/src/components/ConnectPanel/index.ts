export * from './ConnectPanel';
