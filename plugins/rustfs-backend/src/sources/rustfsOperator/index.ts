export * from './describeTenant';
export * from './TenantObject';
