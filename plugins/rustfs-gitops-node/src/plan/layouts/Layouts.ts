import { Blueprints } from '../blueprints/Blueprints';
import { createBlueprintLayout } from './blueprint';
import { consumerSecret } from './consumer-secret';
import { Layout } from './Layout';
import { operatorTenant } from './operator-tenant';
import { setupFolder } from './setup-folder';

/**
 * The layouts by id: those of the portal, and others that an adopter brings.
 *
 * @public
 */
export class Layouts {
  readonly #layouts: ReadonlyMap<string, Layout>;

  /**
   * @param blueprints - what may be put into a repository as a whole
   * @throws Error when two have one id
   */
  constructor(others: Layout[] = [], blueprints = new Blueprints()) {
    const layouts = new Map<string, Layout>();
    for (const layout of [
      createBlueprintLayout(blueprints),
      consumerSecret,
      operatorTenant,
      setupFolder,
      ...others,
    ]) {
      if (layouts.has(layout.id)) {
        throw new Error(`There are two layouts with the id ${layout.id}`);
      }
      layouts.set(layout.id, layout);
    }
    this.#layouts = layouts;
  }

  /** @throws Error when there is none with this id */
  get(id: string): Layout {
    const layout = this.#layouts.get(id);
    if (!layout) {
      throw new Error(
        `There is no layout with the id ${id}; there are ${this.ids.join(
          ', ',
        )}`,
      );
    }
    return layout;
  }

  has(id: string): boolean {
    return this.#layouts.has(id);
  }

  get ids(): string[] {
    return [...this.#layouts.keys()];
  }
}
