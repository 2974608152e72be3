export * from './policyDocument';
export * from './provisionerPolicy';
export * from './secretForms';
