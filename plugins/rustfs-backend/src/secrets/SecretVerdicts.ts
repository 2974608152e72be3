import {
  parseTenantRef,
  Problem,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  RepositoryFile,
  SealedSecret,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  SecretCluster,
  SecretVerdict,
  SecretWriterKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { parse } from 'yaml';
import { z } from 'zod';
import { ConsumerStage, DatabaseSecretStore, RequestRecord } from '../ledger';
import { SecretWriters } from './SecretWriters';

type RequestDelivery = NonNullable<RequestRecord['delivery']>;

/** What controllers say of the Secrets of one stage of a request: the worst of them. */
export type SecretObservation =
  | { state: 'waiting'; waitingFor: string }
  | { state: 'ready'; at?: string }
  | {
      state: 'failed';
      reason: string;
      message: string;
      hint?: string;
      at?: string;
    };

const objectSchema = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), namespace: z.string() }),
});

/** Asks controllers what became of what was written for a request. */
export class SecretVerdicts {
  readonly #readFiles: ReadFiles;
  readonly #store: Pick<DatabaseSecretStore, 'list' | 'keepOnly'>;
  readonly #writers: SecretWriters;

  constructor(options: {
    /** Reads files where a request was merged. */
    readFiles: ReadFiles;
    store: Pick<DatabaseSecretStore, 'list' | 'keepOnly'>;
    writers: SecretWriters;
  }) {
    this.#readFiles = options.readFiles;
    this.#store = options.store;
    this.#writers = options.writers;
  }

  /** What several requests have in one namespace is read once in a round. */
  startRound(): RoundVerdicts {
    const read = new Map<string, Promise<SecretVerdict[]>>();
    return {
      observe: asked =>
        this.#observe(asked, (api, kind, namespace) => {
          const key = [api.cluster, kind.id, namespace].join(' ');
          const known = read.get(key) ?? kind.observe!(api, namespace);
          read.set(key, known);
          return known;
        }),
    };
  }

  async #observe(
    asked: AskedFor,
    read: ReadVerdicts,
  ): Promise<SecretObservation | undefined> {
    const { consumer, request } = asked;
    const merged = await this.#findMerged(asked);
    const cluster =
      consumer && request.stage > 1
        ? consumer.cluster
        : parseTenantRef(request.subject.tenant).cluster;
    const api = this.#writers.apiOf(cluster);
    const said = await Promise.all(
      merged.map(async ({ content, writer }) => {
        const kind = this.#writers.find(writer);
        const { data } = objectSchema.safeParse(parse(content));
        if (!kind?.observe || !data) {
          return undefined;
        }
        const { name, namespace } = data.metadata;
        const called = `${data.kind} ${namespace}/${name}`;
        if (!api) {
          return waiting(
            `The word of the controller of ${called}, which the portal cannot ask: cluster ${cluster} is not in rustfs.clusters`,
          );
        }
        const verdicts = await read(api, kind, namespace);
        const verdict = verdicts.find(one => one.name === name);
        return verdict
          ? toObservation(verdict, called)
          : waiting(`${called} is not in the cluster yet`);
      }),
    );
    const observed = said.filter(one => one !== undefined);
    return (
      observed.find(({ state }) => state === 'failed') ??
      observed.find(({ state }) => state === 'waiting') ??
      observed[0]
    );
  }

  /** What was merged, which of several keys only the commit says: each may be written by another writer. That one is kept. */
  async #findMerged({ delivery, request }: AskedFor): Promise<SealedSecret[]> {
    const keys = (await this.#store.list(request.id)).map(
      ({ generation, secrets }) => ({
        generation,
        secrets: secretsOfStage(request, secrets),
      }),
    );
    const newest = keys[0]?.secrets ?? [];
    const { mergeCommit: ref } = request;
    if (keys.length < 2 || !ref || !delivery) {
      return newest;
    }
    const paths = keys.flatMap(({ secrets }) => secrets.map(one => one.path));
    const files = await this.#readFiles(request.subject.tenant, delivery, {
      ref,
      paths: [...new Set(paths)],
    });
    const merged = keys.find(
      ({ secrets }) =>
        secrets.length > 0 &&
        secrets.every(({ content, path }) => files[path]?.content === content),
    );
    if (!merged) {
      return newest;
    }
    await this.#store.keepOnly(request.id, merged.generation);
    return merged.secrets;
  }
}

type ReadFiles = (
  tenant: string,
  delivery: RequestDelivery,
  options: { ref: string; paths: string[] },
) => Promise<Record<string, RepositoryFile>>;

/** What controllers say, in one round. */
export interface RoundVerdicts {
  /**
   * @returns undefined where no controller has a word in it: the engine makes the Secrets
   * @throws ServiceUnavailableError when a cluster, or the forge, does not say
   */
  observe(asked: AskedFor): Promise<SecretObservation | undefined>;
}

/** A request, and where its second stage is. */
interface AskedFor {
  request: Pick<
    StorageRequest,
    'id' | 'mergeCommit' | 'stage' | 'stages' | 'subject'
  >;
  delivery?: RequestDelivery;
  consumer?: Pick<ConsumerStage, 'cluster'>;
}

type ReadVerdicts = (
  api: SecretCluster,
  kind: SecretWriterKind,
  namespace: string,
) => Promise<SecretVerdict[]>;

/** Those that one stage puts into its repository: that of a workload elsewhere is for the second. */
export function secretsOfStage(
  { stage, stages }: Pick<StorageRequest, 'stage' | 'stages'>,
  secrets: SealedSecret[],
): SealedSecret[] {
  return secrets.filter(
    ({ id }) => stages === 1 || id.startsWith('consumer.') === (stage === 2),
  );
}

function toObservation(
  { at, hint, message, reason, state }: SecretVerdict,
  called: string,
): SecretObservation {
  switch (state) {
    case 'ready':
      return { state, at };
    case 'failed':
      return {
        state,
        reason: reason ?? 'Failed',
        message: message ?? `${called}: nothing says why`,
        ...(hint && { hint }),
        at,
      };
    default:
      return waiting(message ?? called);
  }
}

function waiting(waitingFor: string): SecretObservation {
  return { state: 'waiting', waitingFor };
}

/** What is said while a controller cannot be asked: without its word nothing is in effect for sure. */
export function unheard({ message }: Pick<Problem, 'message'>) {
  return waiting(`The word of what makes the Secrets: ${message}`);
}
