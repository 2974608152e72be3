import { SecretWriterKind } from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig } from '../config';
import { SealedSecretsKind } from './sealed-secrets';
import { sopsKind } from './sops';

/**
 * The ways in which secrets get into Git that come with the plugin; modules add others. Where nothing is configured, the first that a
 * place shows is taken, and the first of all where none is shown: it says what is missing.
 */
export function createSecretWriters(
  clusters: ClusterConfig[],
): SecretWriterKind[] {
  return [sopsKind, new SealedSecretsKind({ clusters })];
}

/** Ids that no module may take. */
export const SECRET_WRITER_IDS = createSecretWriters([]).map(({ id }) => id);
