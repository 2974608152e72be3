export * from './MissingAnnotation';
