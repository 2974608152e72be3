import { ServiceUnavailableError } from '@backstage/errors';
import {
  parseTenantRef,
  Problem,
  TenantSourceLocation,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { createInputError } from '../errors';
import { ForgeDirectory, ForgeRepository } from '../forges';
import { Inventory } from '../inventory';
import { RequestDelivery } from '../ledger';

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
      throw createInputError([
        { field: 'tenant', message: writeNoForge(delivery.repository) },
      ]);
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
          ? writeNoSource(tenant)
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
    if (!view.source) {
      const { cluster } = parseTenantRef(view.ref);
      return problems.some(({ part }) => part === cluster)
        ? 'Where it is declared cannot be told, as not all of its cluster can be read at present'
        : writeNoSource(view.ref);
    }
    return this.#forges.find(view.source.repository)
      ? undefined
      : writeNoForge(view.source.repository);
  }
}

function writeNoSource(tenant: string): string {
  return `${tenant} is not declared in Git as far as its labels say: it needs to be applied by a Flux Kustomization`;
}

function writeNoForge(repository: string): string {
  return `No forge is configured for ${repository}: the platform team adds it to rustfs.forges`;
}
