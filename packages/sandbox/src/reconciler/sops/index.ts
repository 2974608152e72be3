export { decryptManifest, isEncryptedManifest } from './decrypt';
export { encryptManifest } from './encrypt';
