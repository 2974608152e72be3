import { z } from 'zod';
import { ClusterError } from './ClusterError';
import { KubernetesReader } from './KubernetesReader';

/** A kind in one version of its group. */
export interface ServedKind {
  group: string;
  version: string;
  kind: string;
}

const indexSchema = z.object({
  paths: z.record(z.string(), z.object({ serverRelativeURL: z.string() })),
});

const KIND = 'x-kubernetes-group-version-kind';

const documentSchema = z.object({
  components: z.object({
    schemas: z.record(
      z.string(),
      z.looseObject({
        [KIND]: z
          .array(
            z.object({
              group: z.string(),
              version: z.string(),
              kind: z.string(),
            }),
          )
          .optional(),
      }),
    ),
  }),
});

const propertiesSchema = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
});
const listSchema = z.object({ items: propertiesSchema });
const typeSchema = z.object({ type: z.string() });

/**
 * What the kinds of a cluster have, as the API server describes them to everybody who may sign in. A look takes one call, and a
 * second one where the description has changed since the last.
 */
export class ServedSchemas {
  readonly #reader: KubernetesReader;
  /** By address, which holds a hash of the document. */
  #last?: { address: string; document: unknown };

  constructor(reader: KubernetesReader) {
    this.#reader = reader;
  }

  /**
   * Which fields an entry of a list has, by name: its type.
   *
   * @param path - of the list in an object: `['spec', 'buckets']`
   * @returns undefined when the cluster does not say
   */
  async entryFieldsOf(
    kind: ServedKind,
    path: string[],
  ): Promise<Record<string, string> | undefined> {
    const { group, version } = kind;
    const index = indexSchema.safeParse(await this.#read('/openapi/v3')).data;
    const address = index?.paths[`apis/${group}/${version}`]?.serverRelativeURL;
    if (!address?.startsWith('/openapi/v3/')) {
      return undefined;
    }
    if (address !== this.#last?.address || !address.includes('hash=')) {
      const document = await this.#read(address);
      this.#last = document === undefined ? undefined : { address, document };
    }
    return findEntryFields(this.#last?.document, kind, path);
  }

  /** What is not there is not known: the portal is of use without. */
  async #read(path: string): Promise<unknown> {
    try {
      return await this.#reader.readDocument(path, 'what its kinds have');
    } catch (error) {
      if (error instanceof ClusterError) {
        return undefined;
      }
      throw error;
    }
  }
}

function findEntryFields(
  document: unknown,
  { group, kind, version }: ServedKind,
  path: string[],
): Record<string, string> | undefined {
  const { data } = documentSchema.safeParse(document);
  const schema = Object.values(data?.components.schemas ?? {}).find(candidate =>
    candidate[KIND]?.some(
      served =>
        served.group === group &&
        served.version === version &&
        served.kind === kind,
    ),
  );
  let found: unknown = schema;
  for (const name of path) {
    found = propertiesSchema.safeParse(found).data?.properties[name];
  }
  const entry = listSchema.safeParse(found).data?.items;
  return (
    entry &&
    Object.fromEntries(
      Object.entries(entry.properties).map(([name, field]) => [
        name,
        typeSchema.safeParse(field).data?.type ?? 'unknown',
      ]),
    )
  );
}
