import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { StorageLayout } from './StorageLayout';

/**
 * Adds layouts, with their provisioners, beside those that the portal has.
 *
 * @public
 */
export interface LayoutsExtensionPoint {
  /** A second layout with the same id is refused. */
  addLayout(layout: StorageLayout): void;
}

/**
 * {@link LayoutsExtensionPoint}
 *
 * @public
 */
export const layoutsExtensionPoint =
  createExtensionPoint<LayoutsExtensionPoint>({ id: 'rustfs.layouts' });
