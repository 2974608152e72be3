export * from './QuotaBar';
