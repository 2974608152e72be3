export * from './FieldNote';
