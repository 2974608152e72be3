export * from './createTransport';
export * from './readCertificates';
