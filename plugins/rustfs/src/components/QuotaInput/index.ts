export * from './QuotaInput';
