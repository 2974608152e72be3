export * from './FieldFrame';
