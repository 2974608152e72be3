export * from './policyDocument';
export * from './secretForms';
