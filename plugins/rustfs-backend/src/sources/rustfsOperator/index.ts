export * from './describeTenant';
export * from './TenantObject';
export * from './rustfsOperator';
