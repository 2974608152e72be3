import { ServiceUnavailableError } from '@backstage/errors';
import { SourceObstacle } from '@rustfs-portal/plugin-rustfs-common';
import {
  PlaceLink,
  SourcedPlace,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { createInputError } from '../errors';
import { Inventory } from '../inventory';
import { ConsumerStage } from '../ledger';
import { describeObstacle, nameOf } from './describeObstacle';

/** A tenant and what applies its declarations. */
export interface SeenTenant {
  facts: TenantFacts;
  place: SourcedPlace;
  link: PlaceLink;
}

/** Looks at clusters for where something is declared, as they have it now: what is proved must not be old. */
export class TenantLooks {
  readonly #inventory: Pick<Inventory, 'observeTenant' | 'observePlace'>;

  constructor(inventory: Pick<Inventory, 'observeTenant' | 'observePlace'>) {
    this.#inventory = inventory;
  }

  /**
   * A tenant and what applies its storage.
   *
   * @throws InputError when nothing can be declared for it, ServiceUnavailableError when its cluster does not say now
   */
  async atStorage(tenant: string): Promise<SeenTenant> {
    const facts = await this.#observe(
      tenant,
      ({ layout, obstacle, place }) =>
        (layout && place?.link) !== undefined || obstacle !== undefined,
    );
    const { layout, obstacle, place } = facts;
    if (layout && place?.link) {
      return { facts, place, link: place.link };
    }
    throw refuse(obstacle ?? { code: 'not-tracked' });
  }

  /**
   * A tenant and what applies that which installed it.
   *
   * @throws as `atStorage`
   */
  async atInstallation(tenant: string): Promise<SeenTenant> {
    const facts = await this.#observe(
      tenant,
      ({ installedAt }) => installedAt?.link !== undefined,
    );
    const place = facts.installedAt;
    if (place?.link) {
      return { facts, place, link: place.link };
    }
    throw createInputError([
      {
        field: 'tenant',
        message: `Where Git declares what installed ${tenant} cannot be found: have a Flux Kustomization or an Argo CD Application apply its workload, or the HelmRelease that installs it, from a branch of a Git repository`,
      },
    ]);
  }

  /**
   * What applies the Secret of a workload.
   *
   * @throws as `atStorage`
   */
  async atConsumer({
    appliedBy,
    cluster,
    namespace,
  }: ConsumerStage): Promise<PlaceLink> {
    const name = `${nameOf(appliedBy)} of ${cluster}`;
    const seen = await this.#inventory.observePlace(cluster, appliedBy);
    const link = seen.place?.link;
    if (link) {
      return link;
    }
    const [problem] = seen.problems;
    if (!seen.obstacle && problem) {
      throw new ServiceUnavailableError(
        `${name} cannot be read now: ${problem.message}`,
      );
    }
    throw createInputError([
      {
        field: 'consumer',
        message: `Secrets for namespace ${namespace} cannot be declared through ${name}: ${
          seen.obstacle
            ? describeObstacle(seen.obstacle)
            : 'nothing can be read of it'
        }`,
      },
    ]);
  }

  /** @param says - whether the facts say what is looked for; else what could not be read may be why */
  async #observe(
    tenant: string,
    says: (facts: TenantFacts) => boolean,
  ): Promise<TenantFacts> {
    const { facts, problems } = await this.#inventory.observeTenant(tenant);
    if (facts && says(facts)) {
      return facts;
    }
    const unread = problems.find(({ part }) => part !== tenant);
    if (unread) {
      throw new ServiceUnavailableError(
        `Where ${tenant} is declared cannot be read now: ${unread.message}`,
      );
    }
    if (!facts) {
      throw createInputError([
        {
          field: 'tenant',
          message: `There is no tenant ${tenant}; choose one that the form offers`,
        },
      ]);
    }
    return facts;
  }
}

/** Why nothing can be declared for a tenant, as an error. */
export function refuse(obstacle: SourceObstacle) {
  return createInputError([
    { field: 'tenant', message: describeObstacle(obstacle) },
  ]);
}
