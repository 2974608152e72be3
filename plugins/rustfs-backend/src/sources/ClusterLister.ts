import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import {
  ClusterError,
  KubernetesReader,
  ServedKind,
  ServedSchemas,
  withoutNulls,
} from '../kubernetes';

/** A kind of objects of a cluster. */
export interface ClusterKind {
  /** `/apis/rustfs.com/v1alpha1`. */
  api: string;
  /** `tenants`. */
  resource: string;
  query?: string;
}

const nameSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
});

/** Lists the objects of one cluster for one reading of it, and gathers what could not be read. */
export class ClusterLister {
  readonly problems: Problem[] = [];
  readonly #reader: KubernetesReader;
  readonly #schemas: ServedSchemas;

  constructor(reader: KubernetesReader, schemas: ServedSchemas) {
    this.#reader = reader;
    this.#schemas = schemas;
  }

  get cluster(): string {
    return this.#reader.cluster;
  }

  /**
   * Lists a kind in some namespaces, or in all: one call for each.
   *
   * @throws ClusterError when it cannot be listed, or is not served
   */
  async list(kind: ClusterKind, namespaces?: string[]): Promise<unknown[]> {
    const { api, resource, query = '' } = kind;
    const paths = namespaces?.map(
      namespace => `${api}/namespaces/${namespace}/${resource}${query}`,
    ) ?? [`${api}/${resource}${query}`];
    const lists = await Promise.all(
      paths.map(path => this.#reader.list(path, resource)),
    );
    return lists.flatMap(({ items, servedVersions }) => {
      if (!items) {
        throw this.#notServed(kind, servedVersions);
      }
      return items;
    });
  }

  /**
   * As {@link ClusterLister.list}, for what a cluster is of use without.
   *
   * @param options.mayBeUnknown - that the cluster does not know the kind at all is no problem
   * @returns undefined when nothing can be said; then a problem says so, once
   */
  async listIfPossible(
    kind: ClusterKind,
    namespaces?: string[],
    options: { mayBeUnknown?: boolean } = {},
  ): Promise<unknown[] | undefined> {
    try {
      return await this.list(kind, namespaces);
    } catch (error) {
      if (!(error instanceof ClusterError)) {
        throw error;
      }
      if (options.mayBeUnknown && error.isUnknownKind) {
        return [];
      }
      this.problems.push({
        // What is not seen there may be there.
        code: 'source-unreadable',
        part: this.cluster,
        message: error.message,
        hint: error.hint,
      });
      return undefined;
    }
  }

  /** Which fields an entry of a list has in a kind that the cluster serves; undefined where it does not say. */
  async entryFieldsOf(
    kind: ServedKind,
    path: string[],
  ): Promise<Record<string, string> | undefined> {
    return this.#schemas.entryFieldsOf(kind, path);
  }

  /** An object as it should be; else nothing, and a problem says what is wrong with it. */
  parse<T>(item: unknown, schema: z.ZodType<T>, what: string): T[] {
    const parsed = schema.safeParse(withoutNulls(item));
    if (parsed.success) {
      return [parsed.data];
    }
    const { path, message } = parsed.error.issues[0];
    this.addUnreadable(
      `${withArticle(what)}${nameOf(item)} in cluster ${
        this.cluster
      } cannot be read at ${path.map(String).join('.')}: ${message}`,
      'Mend its manifest in Git.',
    );
    return [];
  }

  addUnreadable(message: string, hint: string): void {
    this.problems.push({
      code: 'object-unreadable',
      part: this.cluster,
      message,
      hint,
    });
  }

  /**
   * A cluster that has no such kind, or has it in another version only, has not said that there are no objects: what was
   * read before stays, and nobody takes the tenants for gone.
   */
  #notServed(
    { api, resource }: ClusterKind,
    servedVersions: string[],
  ): ClusterError {
    const [, , group, version] = api.split('/');
    const served = servedVersions.join(', ');
    return new ClusterError({
      code: 'cluster-version',
      message: served
        ? `Cluster ${this.cluster} serves ${resource} of ${group} as ${served} only; the portal reads ${version}`
        : `Cluster ${this.cluster} does not know ${resource} of ${group}`,
      hint: served
        ? `Install a version of its operator whose CRD serves ${version}, or a portal that reads ${served}.`
        : 'Install its CRDs in that cluster, or take what is not there out of rustfs.clusters: the cluster, or one of its sources.',
      isUnknownKind: served === '',
    });
  }
}

function withArticle(what: string): string {
  return `${/^[aeiou]/.test(what) ? 'An' : 'A'} ${what}`;
}

function nameOf(item: unknown): string {
  const { name } = nameSchema.safeParse(item).data?.metadata ?? {};
  return name ? ` ${name}` : '';
}
