import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { SecretForm } from '@rustfs-portal/plugin-rustfs-common';
import { RequestKind } from './RequestKind';

/**
 * Adds kinds of request, beside those that the portal has.
 *
 * @public
 */
export interface RequestKindsExtensionPoint {
  /** A second kind with the same id is refused. */
  addRequestKind(kind: RequestKind): void;
}

/**
 * {@link RequestKindsExtensionPoint}
 *
 * @public
 */
export const requestKindsExtensionPoint =
  createExtensionPoint<RequestKindsExtensionPoint>({
    id: 'rustfs.requestKinds',
  });

/**
 * Adds forms of Secrets, beside those that the portal has and those of the configuration.
 *
 * @public
 */
export interface SecretFormsExtensionPoint {
  /** A second form with the same id is refused. */
  addSecretForm(form: SecretForm): void;
}

/**
 * {@link SecretFormsExtensionPoint}
 *
 * @public
 */
export const secretFormsExtensionPoint =
  createExtensionPoint<SecretFormsExtensionPoint>({
    id: 'rustfs.secretForms',
  });
