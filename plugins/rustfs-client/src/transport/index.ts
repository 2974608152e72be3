export * from './ConnectionOptionError';
export * from './createTransport';
export * from './readCertificates';
