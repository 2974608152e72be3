import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { GitOpsEngine } from './GitOpsEngine';

/**
 * Adds GitOps engines, beside those that the portal has.
 *
 * @public
 */
export interface EnginesExtensionPoint {
  /** A second engine with the same id is refused. */
  addEngine(engine: GitOpsEngine): void;
}

/**
 * {@link EnginesExtensionPoint}
 *
 * @public
 */
export const enginesExtensionPoint =
  createExtensionPoint<EnginesExtensionPoint>({ id: 'rustfs.engines' });
