import { InputError } from '@backstage/errors';
import {
  RepositoryFile,
  SecretLink,
  SecretWriter,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  SecretCluster,
  SecretPlace,
  SecretWriterKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig, ConsumerConfig } from '../config';

/** A place in Git that Secrets are written to. */
export interface WritingPlace {
  /** That they are applied to. */
  cluster: string;
  link: SecretLink;
  /** Id of the writer, where one is configured for the place. */
  writer?: string;
  /** Id of the one that what is to be put there was written with; it goes before what repository and cluster show. */
  known?: string;
  /** Of its folder. */
  files: Record<string, RepositoryFile>;
  /** Reads more files of the repository, as of the same commit; those that are not there are left out. */
  readFiles(paths: string[]): Promise<Record<string, RepositoryFile>>;
}

/** What writes Secrets in a place. */
export interface PlaceWriters {
  /** New ones. */
  writer: SecretWriter;
  /** Those that have written what is there already. */
  otherWriters: SecretWriter[];
  /** What they read beside the files of the folder. */
  files: Record<string, RepositoryFile>;
}

/** Chooses for each place what writes its Secrets: what is configured, else what repository and cluster show. */
export class SecretWriters {
  readonly #kinds: SecretWriterKind[];
  readonly #clusters: Map<string, SecretCluster>;
  readonly #defaults: Map<string, string>;

  /**
   * @throws InputError with the path of what names a writer that nobody adds
   */
  static create(options: {
    kinds: SecretWriterKind[];
    clusters: ClusterConfig[];
    consumers: ConsumerConfig[];
    apis: Map<string, SecretCluster>;
  }): SecretWriters {
    const { apis, clusters, consumers, kinds } = options;
    const ids = kinds.map(({ id }) => id);
    const requireKnown = (path: string, id: string | undefined) => {
      if (id !== undefined && !ids.includes(id)) {
        throw new InputError(
          `Configuration is wrong at rustfs.${path}: expected one of ${ids.join(
            ', ',
          )}`,
        );
      }
    };
    clusters.forEach(({ secrets }, index) =>
      requireKnown(`clusters[${index}].secrets.writer`, secrets?.writer),
    );
    consumers.forEach(({ writer }, index) =>
      requireKnown(`consumers[${index}].writer`, writer),
    );
    return new SecretWriters({
      kinds,
      clusters: apis,
      defaults: new Map(
        clusters.flatMap(({ name, secrets }) =>
          secrets?.writer ? [[name, secrets.writer] as const] : [],
        ),
      ),
    });
  }

  constructor(options: {
    /** In the order in which they are tried. */
    kinds: SecretWriterKind[];
    /** That may be asked, by name. */
    clusters?: Map<string, SecretCluster>;
    /** Ids of writers by cluster. */
    defaults?: Map<string, string>;
  }) {
    this.#kinds = options.kinds;
    this.#clusters = options.clusters ?? new Map();
    this.#defaults = options.defaults ?? new Map();
  }

  find(id: string): SecretWriterKind | undefined {
    return this.#kinds.find(kind => kind.id === id);
  }

  apiOf(cluster: string): SecretCluster | undefined {
    return this.#clusters.get(cluster);
  }

  /**
   * What writes Secrets in a place: one call to its repository, and to its cluster at most one each minute. Of a writer that cannot
   * be told now every method throws why.
   *
   * @throws ForgeError when the repository cannot be read now
   */
  async at(place: WritingPlace): Promise<PlaceWriters> {
    const at = this.#placeOf(place.cluster);
    const path = probeIn(place.link.folder);
    const files = await place.readFiles([
      ...new Set(this.#kinds.flatMap(kind => kind.reads(path, at))),
    ]);
    const signs = {
      link: place.link,
      files: { ...place.files, ...files },
    };
    let chosen: SecretWriterKind | undefined;
    let writer: SecretWriter;
    try {
      chosen = await this.#choose(place, at, signs);
      writer = await chosen.open(at);
    } catch (error) {
      writer = unavailable(error, chosen);
    }
    const others = this.#kinds.filter(
      kind => kind !== chosen && holds(place.files, kind),
    );
    return {
      writer,
      otherWriters: await Promise.all(
        others.map(kind =>
          kind.open(at).catch((error: unknown) => unavailable(error, kind)),
        ),
      ),
      files,
    };
  }

  /**
   * The writer that something was written with.
   *
   * @returns undefined when there is none any more
   * @throws ServiceUnavailableError when that cannot be told now
   */
  async open(id: string, cluster: string): Promise<SecretWriter | undefined> {
    return this.find(id)?.open(this.#placeOf(cluster));
  }

  async #choose(
    place: WritingPlace,
    at: SecretPlace,
    signs: Parameters<SecretWriterKind['isShownBy']>[0],
  ): Promise<SecretWriterKind> {
    const configured =
      place.writer ?? this.#defaults.get(place.cluster) ?? place.known;
    const found =
      // One that a module no longer adds was checked at the start; a request may remember it still.
      (configured && this.find(configured)) ||
      this.#kinds.find(kind => kind.isShownBy(signs));
    if (found) {
      return found;
    }
    for (const kind of this.#kinds) {
      if (await kind.isShownIn?.(at)) {
        return kind;
      }
    }
    return this.#kinds[0];
  }

  #placeOf(cluster: string): SecretPlace {
    return { cluster, api: this.#clusters.get(cluster) };
  }
}

const UNKNOWN_KIND = { id: 'unknown', manifestKind: '' };

/** Whether files may hold an object that something wrote; saves parsing them. */
function holds(
  files: Record<string, RepositoryFile>,
  { manifestKind }: SecretWriterKind,
): boolean {
  const pattern = new RegExp(`^\\s*kind:\\s*["']?${manifestKind}\\b`, 'm');
  return Object.values(files).some(({ content }) => pattern.test(content));
}

/** Stands for a writer that cannot be told now, which matters only where something is written: an end may only take away. */
function unavailable(
  error: unknown,
  {
    id,
    manifestKind,
  }: Pick<SecretWriterKind, 'id' | 'manifestKind'> = UNKNOWN_KIND,
): SecretWriter {
  const fail = (): never => {
    throw error;
  };
  return {
    id,
    manifestKind,
    readers: '',
    fits: fail,
    fileNames: fail,
    reads: () => [],
    check: fail,
    seal: fail,
    preview: fail,
  };
}

/** A file in a folder: what decides about it decides about the others, as far as it lies above them. */
function probeIn(folder: string): string {
  const path = folder.replace(/^(\.?\/)+|\/+$/g, '');
  return path ? `${path}/x` : 'x';
}
