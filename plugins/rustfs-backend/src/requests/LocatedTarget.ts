import {
  DeclarationTarget,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  PlaceLink,
  PlaceReading,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { ForgeRepository } from '../forges';
import { TenantObservation } from '../inventory';
import { FIRST_LAYOUT, RequestDelivery } from '../ledger';

/** Id of the layout of places where blueprints are put. */
export const BLUEPRINTS = 'blueprint';

/** Where the storage of a tenant is declared and how to propose a change there. */
export interface LocatedTarget extends ForgeRepository {
  delivery: RequestDelivery;
  target: DeclarationTarget;
  /** The folder that has to be read to plan a change there; empty is the whole repository. */
  reads: string;
  /**
   * What a plan is tried on when the files of the folder do not do: the whole repository at the same commit.
   *
   * @returns undefined when it holds more than the portal reads
   * @throws ForgeError when it cannot be read now
   */
  widen?: (look: PlanLook) => Promise<PlanLook | undefined>;
  /** Of the workload whose Secret is declared there, when that is not that of the tenant. */
  cluster?: string;
  /** Id of what writes Secrets there, where that was configured for the place. */
  writer?: string;
  /** Where the next stage is declared, whose Secrets hold the same key and are encrypted together with those of this one. */
  next?: LocatedTarget;
}

/** What a change is planned on. */
export interface PlanLook {
  snapshot: RepositorySnapshot;
  target: DeclarationTarget;
}

export function toDelivery(
  { branch, folder, repository }: PlaceLink,
  { layout, setup }: Pick<TenantFacts, 'layout' | 'setup'> = {},
): RequestDelivery {
  return {
    repository,
    folder,
    baseBranch: branch,
    ...(layout !== undefined &&
      layout !== FIRST_LAYOUT && { layout, setupNamespace: setup?.namespace }),
  };
}

export function isForBlueprints({ layout }: RequestDelivery): boolean {
  return layout === BLUEPRINTS;
}

/** What applies the place of a request, as it is now. */
export function deliveryPlaceOf(
  { facts, ...seen }: TenantObservation,
  delivery: RequestDelivery,
): PlaceReading & Pick<TenantObservation, 'ref'> {
  return isForBlueprints(delivery)
    ? { ...seen, place: facts?.installedAt }
    : { ...seen, place: facts?.place, obstacle: facts?.obstacle };
}
