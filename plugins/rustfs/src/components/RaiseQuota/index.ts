export * from './RaiseQuotaButton';
export * from './RaiseQuotaDialog';
