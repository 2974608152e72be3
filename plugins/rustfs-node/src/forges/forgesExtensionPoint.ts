import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { ForgeKind } from './ForgeKind';

/**
 * Adds kinds of forges, which `rustfs.forges` names by their id.
 *
 * @public
 */
export interface ForgesExtensionPoint {
  /** A second kind with the same id is refused. */
  addForge(kind: ForgeKind): void;
}

/**
 * {@link ForgesExtensionPoint}
 *
 * @public
 */
export const forgesExtensionPoint = createExtensionPoint<ForgesExtensionPoint>({
  id: 'rustfs.forges',
});
