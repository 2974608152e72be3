import {
  RequestEvent,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { ENGINE_SOURCES, sourceOf } from '../gitops';
import { remedyFor } from './hints';
import { Observations, Provisioner } from './observations';

/** Words and addresses for the trail. */
export interface TrailNames {
  pull?: RequestEvent['link'];
  /** `Kustomization flux-system/storage on atlas`. */
  engine?: string;
  tenant: string;
  /** Said once all is there. */
  ready?: string;
  /** Said in place of the end when another stage follows. */
  nextStage?: string;
  /** Page of the commit of a revision. */
  revision?: (revision: string) => RequestEvent['link'];
}

/** The part of a request that moves. */
export type Progress = Pick<
  StorageRequest,
  | 'state'
  | 'waitingFor'
  | 'failure'
  | 'mergeCommit'
  | 'appliedRevision'
  | 'trail'
>;

/** {@link deriveState}'s verdict. */
export type Derived = Omit<Progress, 'trail'> & {
  /** Steps to append to the trail. */
  events: RequestEvent[];
};

type Failure = NonNullable<StorageRequest['failure']>;

/** Whoever makes it may be told by another name now than when it failed: it takes back what it said. */
const PROVISIONERS: Array<Failure['source']> = ['operator', 'setup-program'];

/** Whoever says something once what was merged is applied: its Secrets come before what is made with them. */
const AFTER_APPLIED: Array<Failure['source']> = ['secrets', ...PROVISIONERS];

/** Whether a request has failed at what makes its Secrets or the storage: what was merged is applied. */
export function isFailedAfterApplied({
  failure,
}: Pick<StorageRequest, 'failure'>): boolean {
  return failure !== undefined && AFTER_APPLIED.includes(failure.source);
}

const PROVISIONER_NAMES: Record<Provisioner, string> = {
  operator: 'The operator',
  'setup-program': 'The setup program',
};

/** One pass from where the request stands to where the observations lead. */
class Walk {
  state: RequestState;
  waitingFor?: string;
  failure?: Failure;
  mergeCommit?: string;
  appliedRevision?: string;
  readonly #events: RequestEvent[] = [];
  readonly #now: string;
  readonly #tenant: string;
  #lastAt: string;

  constructor(current: Progress, options: { now: string; names: TrailNames }) {
    this.state = current.state;
    this.waitingFor = current.waitingFor;
    this.failure = current.failure;
    this.mergeCommit = current.mergeCommit;
    this.appliedRevision = current.appliedRevision;
    this.#now = options.now;
    this.#tenant = options.names.tenant;
    this.#lastAt = current.trail[current.trail.length - 1]?.at ?? '';
  }

  /** True in the given state, and in a failure that only one of the given sources can take back. */
  isAt(state: RequestState, sources: readonly Failure['source'][]): boolean {
    return (
      this.state === state ||
      (this.state === 'failed' &&
        this.failure !== undefined &&
        sources.includes(this.failure.source))
    );
  }

  moveTo(
    state: RequestState,
    event: Omit<RequestEvent, 'state' | 'at'> & { at?: string },
  ) {
    this.state = state;
    this.failure = undefined;
    this.waitingFor = undefined;
    this.#add(state, event);
  }

  fail(failed: {
    source: Failure['source'];
    reason: string;
    message: string;
    /** Of whoever failed; undefined: by the reason. */
    hint?: string;
    at?: string;
  }) {
    const { source, reason, message, hint, at } = failed;
    const isNew = this.state !== 'failed' || this.failure?.reason !== reason;
    this.state = 'failed';
    this.waitingFor = undefined;
    this.failure = {
      source,
      reason,
      message,
      ...(hint
        ? { hint }
        : remedyFor({ source, reason, tenant: this.#tenant })),
    };
    if (isNew) {
      this.#add('failed', { source, at, message: `${reason}: ${message}` });
    }
  }

  result(): Derived {
    const { state, waitingFor, failure, mergeCommit, appliedRevision } = this;
    return {
      state,
      waitingFor,
      failure,
      mergeCommit,
      appliedRevision,
      events: this.#events,
    };
  }

  #add(
    state: RequestState,
    event: Omit<RequestEvent, 'state' | 'at'> & { at?: string },
  ) {
    // The clocks of forge, cluster and portal differ: a step is never shown before the one that led to it.
    const said = toIso(event.at) ?? this.#now;
    const at = said < this.#lastAt ? this.#lastAt : said;
    this.#lastAt = at;
    this.#events.push({ ...event, state, at });
  }
}

/**
 * Works out where a request stands from what was seen. It moves as many steps as the observations carry, and only
 * forward: what could not be seen changes nothing. A failure is left only when the one who declared it says otherwise,
 * and a closed or withdrawn request only when the forge says that its pull request is open again, or merged.
 */
export function deriveState(
  current: Progress,
  observations: Observations,
  options: { now: string; names: TrailNames },
): Derived {
  const walk = new Walk(current, options);
  const { pull, delivery, provisioner, secrets, server } = observations;

  const hasEnded = walk.state === 'closed' || walk.state === 'withdrawn';
  if ((walk.state === 'proposed' || hasEnded) && pull) {
    if (pull.state === 'merged') {
      walk.mergeCommit = pull.mergeCommit;
      walk.moveTo('merged', {
        source: 'forge',
        at: pull.mergedAt,
        message: pull.mergedBy ? `Merged by ${pull.mergedBy}` : 'Merged',
        link: options.names.pull,
      });
    } else if (pull.state === 'open') {
      if (hasEnded) {
        walk.moveTo('proposed', {
          source: 'forge',
          message: 'The pull request was opened again',
          link: options.names.pull,
        });
      }
      walk.waitingFor = pull.waitingFor;
    } else if (walk.state === 'proposed') {
      walk.moveTo('closed', {
        source: 'forge',
        at: pull.closedAt,
        message: 'The pull request was closed without being merged',
        link: options.names.pull,
      });
    }
  }

  if (walk.isAt('merged', ENGINE_SOURCES) && delivery) {
    if (delivery.state === 'applied') {
      walk.appliedRevision = delivery.revision;
      walk.moveTo('applied', {
        source: sourceOf(delivery.engine),
        at: delivery.at,
        message: `Applied revision ${delivery.revision}`,
        link:
          options.names.revision?.(delivery.revision) ??
          (options.names.engine ? { title: options.names.engine } : undefined),
      });
    } else if (delivery.state === 'failed') {
      walk.fail({ source: sourceOf(delivery.engine), ...delivery });
    } else if (delivery.state === 'lost') {
      // Not a failure of whoever applies it, and over as soon as the branch has the commit again.
      walk.waitingFor = `Branch ${delivery.branch} to contain commit ${delivery.commit} again`;
    } else {
      walk.waitingFor = delivery.waitingFor;
    }
  }

  if (secrets && walk.isAt('applied', AFTER_APPLIED)) {
    if (secrets.state === 'failed') {
      walk.fail({ source: 'secrets', ...secrets });
    } else if (secrets.state === 'waiting') {
      walk.waitingFor = secrets.waitingFor;
    } else if (walk.failure?.source === 'secrets') {
      walk.moveTo('applied', {
        source: 'secrets',
        at: secrets.at,
        message: 'The Secret was made after all',
      });
    }
  }

  const isMade = !secrets || secrets.state === 'ready';
  if (isMade && walk.isAt('applied', PROVISIONERS) && provisioner) {
    const { by } = provisioner;
    if (provisioner.state === 'failed') {
      walk.fail({ source: by, ...provisioner });
    } else if (provisioner.state === 'waiting') {
      walk.waitingFor = provisioner.waitingFor;
    } else {
      if (walk.state === 'failed') {
        walk.moveTo('applied', {
          source: by,
          at: provisioner.at,
          message: `${PROVISIONER_NAMES[by]} has made it after all`,
          link: { title: `Tenant ${options.names.tenant}` },
        });
      }
      const { nextStage } = options.names;
      if (server?.state === 'agrees' && nextStage) {
        walk.moveTo('submitting', {
          source: 'server',
          message: nextStage,
          link: { title: `Tenant ${options.names.tenant}` },
        });
        walk.waitingFor = 'The pull request is being opened';
      } else if (server?.state === 'agrees') {
        walk.moveTo('ready', {
          source: 'server',
          message: options.names.ready ?? 'It is there, as it is declared',
          link: { title: `Tenant ${options.names.tenant}` },
        });
      } else {
        walk.waitingFor =
          server?.waitingFor ?? 'The answer of the server of the tenant';
      }
    }
  }
  return walk.result();
}

function toIso(time: string | undefined): string | undefined {
  const date = time === undefined ? undefined : new Date(time);
  return date && !Number.isNaN(date.getTime()) ? date.toISOString() : undefined;
}
