/**
 * For tests that run on the sandbox.
 *
 * @packageDocumentation
 */
export { GitHubContract } from '../forge/github/contract/GitHubContract';
export * from './SecretHunter';
export { loadCertificate } from '../kubernetes/certificate';
export { unsealValue } from '../reconciler/sealedSecrets/unsealValue';
