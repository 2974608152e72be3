export * from './StageNote';
