export * from './submitChange';
