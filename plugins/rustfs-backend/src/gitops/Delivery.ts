/** How far the GitOps engine is with the merged commit. */
export type DeliveryObservation =
  | {
      state: 'waiting';
      waitingFor: string;
      /** True: the engine does not have the commit. */
      notFetched?: boolean;
    }
  /** The branch does not contain the merged commit any more, so the engine will never get it. */
  | { state: 'lost'; branch: string; commit: string }
  | { state: 'applied'; revision: string; at?: string }
  | { state: 'failed'; reason: string; message: string; at?: string };
