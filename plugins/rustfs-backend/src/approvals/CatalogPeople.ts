import { AuthService } from '@backstage/backend-plugin-api';
import {
  Entity,
  RELATION_MEMBER_OF,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import { People } from './People';

/** How long the people of the catalog are taken for what they were. */
const FRESH_MS = 60_000;

/** Users of the catalog per call. */
const PAGE = 500;

/** What the configuration says of the users of a forge. */
export interface LoginSettings {
  /** Base URL of the forge. */
  forge: string;
  /** Entity refs by login. */
  logins: Record<string, string>;
  /**
   * The name of a user entity is its login. Only where nobody can choose the one or the other, for example with one
   * directory behind both.
   */
  loginIsEntityName: boolean;
}

interface Person {
  ref: string;
  name: string;
  groups: string[];
  annotations: Record<string, string>;
}

/**
 * {@link People} from the users of the catalog: by the annotation `<host of the forge>/user-login` that catalog providers
 * write, and by configuration, which comes first.
 */
export class CatalogPeople implements People {
  readonly #auth: AuthService;
  readonly #catalog: CatalogService;
  readonly #now: () => number;
  readonly #settings: LoginSettings[];
  #known?: { at: number; people: Promise<Person[]> };

  constructor(options: {
    auth: AuthService;
    catalog: CatalogService;
    now?: () => number;
    settings: LoginSettings[];
  }) {
    this.#auth = options.auth;
    this.#catalog = options.catalog;
    this.#now = options.now ?? Date.now;
    this.#settings = options.settings;
  }

  async personOf(forge: string, login: string) {
    const wanted = login.toLowerCase();
    const configured = this.#configured(forge).find(
      ([name]) => name === wanted,
    )?.[1];
    const people = (await this.#people()).filter(person =>
      configured === undefined
        ? this.#loginOf(forge, person) === wanted
        : person.ref === configured,
    );
    // Two people with one login: nobody can tell whose approval it is.
    return people.length === 1
      ? { ref: people[0].ref, groups: people[0].groups }
      : undefined;
  }

  async loginsOf(forge: string, ref: string) {
    const wanted = ref.toLowerCase();
    return (await this.#people())
      .filter(person => person.ref === wanted || person.groups.includes(wanted))
      .flatMap(person => this.#loginOf(forge, person) ?? [])
      .sort();
  }

  #loginOf(forge: string, person: Person): string | undefined {
    const settings = this.#settingsOf(forge);
    const annotated = person.annotations[`${new URL(forge).host}/user-login`];
    const configured = this.#configured(forge).find(
      ([, ref]) => ref === person.ref,
    )?.[0];
    const login =
      configured ??
      (annotated === undefined ? undefined : toLogin(annotated, forge)) ??
      (settings?.loginIsEntityName ? person.name : undefined);
    return login?.toLowerCase();
  }

  #settingsOf(forge: string): LoginSettings | undefined {
    return this.#settings.find(one => one.forge === forge);
  }

  #configured(forge: string): Array<[login: string, ref: string]> {
    return Object.entries(this.#settingsOf(forge)?.logins ?? {}).map(
      ([login, ref]) => [login.toLowerCase(), ref.toLowerCase()],
    );
  }

  #people(): Promise<Person[]> {
    const now = this.#now();
    if (!this.#known || now - this.#known.at > FRESH_MS) {
      const people = this.#read();
      this.#known = { at: now, people };
      // What failed is asked again at once.
      people.catch(() => {
        this.#known = undefined;
      });
    }
    return this.#known.people;
  }

  async #read(): Promise<Person[]> {
    const credentials = await this.#auth.getOwnServiceCredentials();
    const people: Person[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#catalog.queryEntities(
        cursor
          ? { cursor, limit: PAGE }
          : {
              filter: { kind: 'User' },
              fields: ['kind', 'metadata', 'relations'],
              limit: PAGE,
            },
        { credentials },
      );
      people.push(...page.items.map(toPerson));
      cursor = page.pageInfo.nextCursor;
    } while (cursor);
    return people;
  }
}

/** Backstage's provider for GitLab writes the address of the person's page in place of the login. */
function toLogin(text: string, forge: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) {
    return text;
  }
  const { host, pathname } = new URL(forge);
  const base = `${pathname.replace(/\/+$/, '')}/`;
  // One of another server, or of something else there, is nobody's.
  if (url.host !== host || !url.pathname.startsWith(base)) {
    return text;
  }
  const [login, ...rest] = url.pathname
    .slice(base.length)
    .split('/')
    .filter(Boolean);
  return login && !rest.length ? decode(login) ?? text : text;
}

/** Undefined for what is not encoded as in an address: whoever may write the catalog chooses it. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function toPerson(entity: Entity): Person {
  return {
    ref: stringifyEntityRef(entity),
    name: entity.metadata.name,
    groups: (entity.relations ?? [])
      .filter(({ type }) => type === RELATION_MEMBER_OF)
      .map(({ targetRef }) => targetRef.toLowerCase()),
    annotations: entity.metadata.annotations ?? {},
  };
}
