import { EngineDelivery } from '@rustfs-portal/plugin-rustfs-node';

/** How far the GitOps engine is with the merged commit. */
export type DeliveryObservation =
  | (EngineDelivery & {
      /** Id of the engine that says so; undefined where none has the place. */
      engine?: string;
    })
  /** The branch does not contain the merged commit any more, so the engine will never get it. */
  | { state: 'lost'; branch: string; commit: string };
