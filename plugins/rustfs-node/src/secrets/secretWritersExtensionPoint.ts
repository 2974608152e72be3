import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { SecretWriterKind } from './SecretWriterKind';

/**
 * Adds ways in which a secret gets into Git, which `rustfs.clusters` and `rustfs.consumers` name by their id.
 *
 * @public
 */
export interface SecretWritersExtensionPoint {
  /** A second one with the same id is refused. */
  addSecretWriter(kind: SecretWriterKind): void;
}

/**
 * {@link SecretWritersExtensionPoint}
 *
 * @public
 */
export const secretWritersExtensionPoint =
  createExtensionPoint<SecretWritersExtensionPoint>({
    id: 'rustfs.secretWriters',
  });
