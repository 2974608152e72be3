import { RequestInput } from '@rustfs-portal/plugin-rustfs-common';
import { RequestKind } from '@rustfs-portal/plugin-rustfs-node';
import { createInputError } from '../errors';

/** Every permission on the entity that it takes to ask for something. */
export function permissionsOf(asked: {
  kind: RequestKind;
  input: RequestInput;
}): RequestKind['permission'][] {
  const { input, kind } = asked;
  return [kind.permission, ...(kind.alsoNeeds?.(input) ?? [])];
}

/** The kinds of request that can be asked for. */
export class RequestKinds {
  readonly #kinds: ReadonlyMap<string, RequestKind>;

  constructor(kinds: RequestKind[]) {
    this.#kinds = new Map(kinds.map(kind => [kind.id, kind]));
  }

  /** @throws InputError when there is no such kind */
  get(id: string): RequestKind {
    const kind = this.#kinds.get(id);
    if (!kind) {
      throw createInputError([
        {
          field: 'kind',
          message: `Expected one of ${[...this.#kinds.keys()].join(', ')}`,
        },
      ]);
    }
    return kind;
  }

  /** Undefined for a request of a kind that was taken away since. */
  find(id: string): RequestKind | undefined {
    return this.#kinds.get(id);
  }
}
