import { Blueprint } from './Blueprint';
import { enableSetup } from './enable-setup';

/**
 * The blueprints by id: those of the portal, and others that an adopter brings.
 *
 * @public
 */
export class Blueprints {
  readonly #blueprints: ReadonlyMap<string, Blueprint>;

  /** @throws Error when two have one id */
  constructor(others: Blueprint[] = []) {
    const blueprints = new Map<string, Blueprint>();
    for (const blueprint of [enableSetup, ...others]) {
      if (blueprints.has(blueprint.id)) {
        throw new Error(`There are two blueprints with the id ${blueprint.id}`);
      }
      blueprints.set(blueprint.id, blueprint);
    }
    this.#blueprints = blueprints;
  }

  /** @throws Error when there is none with this id */
  get(id: string): Blueprint {
    const blueprint = this.#blueprints.get(id);
    if (!blueprint) {
      throw new Error(
        `There is no blueprint with the id ${id}; there are ${[
          ...this.#blueprints.keys(),
        ].join(', ')}`,
      );
    }
    return blueprint;
  }
}
