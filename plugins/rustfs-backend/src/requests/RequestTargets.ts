import { ServiceUnavailableError } from '@backstage/errors';
import {
  parseTenantRef,
  Problem,
  SourceObstacle,
  TenantSourceLocation,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { createInputError } from '../errors';
import { ForgeDirectory, ForgeRepository } from '../forges';
import { Inventory } from '../inventory';
import { RequestDelivery } from '../ledger';
import { describeObstacle } from './describeObstacle';

/** Where the storage of a tenant is declared and how to propose a change there. */
export interface LocatedTarget extends ForgeRepository {
  delivery: RequestDelivery;
  target: DeclarationTarget;
}

/** Finds the repository of a tenant: from the labels of the live Tenant to the Kustomization, from there to Git. */
export class RequestTargets {
  readonly #inventory: Pick<Inventory, 'getTenant' | 'observeTenant'>;
  readonly #forges: ForgeDirectory;

  constructor(options: {
    inventory: Pick<Inventory, 'getTenant' | 'observeTenant'>;
    forges: ForgeDirectory;
  }) {
    this.#inventory = options.inventory;
    this.#forges = options.forges;
  }

  /**
   * Where a tenant is declared.
   *
   * @throws InputError when nothing can be declared for the tenant
   * @throws ServiceUnavailableError when its cluster does not say now
   */
  async locate(tenant: string): Promise<LocatedTarget> {
    const view = await this.#inventory.getTenant(tenant);
    const { repository, path, branch } =
      view?.source ?? (await this.#findSource(tenant));
    return this.open(tenant, { repository, folder: path, baseBranch: branch });
  }

  /** The forge and the target of a place that was located before. */
  open(tenant: string, delivery: RequestDelivery): LocatedTarget {
    const found = this.#forges.find(delivery.repository);
    if (!found) {
      const { repository } = delivery;
      throw refuse({ code: 'forge-unknown', repository });
    }
    return {
      ...found,
      delivery,
      target: {
        tenant: parseTenantRef(tenant),
        layout: 'operator-tenant',
        folder: delivery.folder,
        baseBranch: delivery.baseBranch,
      },
    };
  }

  /** What is not known may only be out of reach, so the cluster is asked before anything is ruled out. */
  async #findSource(tenant: string): Promise<TenantSourceLocation> {
    const seen = await this.#inventory.observeTenant(tenant);
    if (seen.location) {
      return seen.location;
    }
    if (seen.obstacle) {
      throw refuse(seen.obstacle);
    }
    const unread = seen.problems.find(({ part }) => part !== tenant);
    if (unread) {
      throw new ServiceUnavailableError(
        `Where ${tenant} is declared cannot be read now: ${unread.message}`,
      );
    }
    throw createInputError([
      {
        field: 'tenant',
        message: seen.tenant
          ? describeObstacle({ code: 'not-tracked' })
          : `There is no tenant ${tenant}; choose one that the form offers`,
      },
    ]);
  }

  /**
   * Why no change can be proposed for a tenant, in words; undefined when it can.
   *
   * @param problems - what of its cluster cannot be read
   */
  whyNot(view: TenantView, problems: Problem[]): string | undefined {
    const obstacle = this.obstacleOf(view);
    if (obstacle) {
      return describeObstacle(obstacle);
    }
    if (view.source) {
      return undefined;
    }
    const { cluster } = parseTenantRef(view.ref);
    return problems.some(({ part }) => part === cluster)
      ? 'Where it is declared cannot be told, as not all of its cluster can be read at present'
      : describeObstacle({ code: 'not-tracked' });
  }

  /** What stands in the way of proposing a change for a tenant; undefined as well while its cluster does not say. */
  obstacleOf({ source, obstacle }: TenantView): SourceObstacle | undefined {
    if (source && !this.#forges.find(source.repository)) {
      return { code: 'forge-unknown', repository: source.repository };
    }
    return obstacle;
  }
}

function refuse(obstacle: SourceObstacle) {
  return createInputError([
    { field: 'tenant', message: describeObstacle(obstacle) },
  ]);
}
