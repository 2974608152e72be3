export * from './minioOperator';
