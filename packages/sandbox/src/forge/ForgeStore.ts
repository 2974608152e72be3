import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import {
  createHash,
  randomBytes,
  scryptSync,
  timingSafeEqual,
} from 'node:crypto';
import { join } from 'node:path';
import { GitRepository } from './GitRepository';
import {
  ForgeState,
  OrganizationRecord,
  PullRecord,
  RepositoryRecord,
  TeamRecord,
  TokenRecord,
  UserRecord,
} from './model';

// Cheap on purpose: the passwords of a sandbox are printed for everybody to use.
const SCRYPT = { N: 1024, r: 8, p: 1 };

function hashPassword(password: string): string {
  const salt = randomBytes(12).toString('hex');
  return `${salt}:${scryptSync(password, salt, 32, SCRYPT).toString('hex')}`;
}

function sha256(value: string): string {
  return createHash('sha256').update(value).digest('hex');
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/**
 * Users, pull requests and everything else that is not in Git, held in memory and written to one file.
 *
 * Every change is followed by {@link ForgeStore.save}, which replaces the file in one step, so that a
 * process that ends at any moment leaves either the state before or the state after.
 */
export class ForgeStore {
  private readonly gitRepositories = new Map<number, GitRepository>();

  private constructor(
    private readonly dataDir: string,
    private readonly state: ForgeState,
  ) {}

  static open(dataDir: string): ForgeStore {
    mkdirSync(join(dataDir, 'repositories'), { recursive: true });
    const file = join(dataDir, 'forge.json');
    const state: ForgeState = existsSync(file)
      ? JSON.parse(readFileSync(file, 'utf8'))
      : {
          sequence: {},
          sessionKey: randomBytes(32).toString('hex'),
          users: [],
          organizations: [],
          repositories: [],
          formerNames: {},
        };
    return new ForgeStore(dataDir, state);
  }

  save(): void {
    const file = join(this.dataDir, 'forge.json');
    const temporary = `${file}.${process.pid}.tmp`;
    writeFileSync(temporary, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(temporary, file);
  }

  nextId(kind: string): number {
    const id = (this.state.sequence[kind] ?? 0) + 1;
    this.state.sequence[kind] = id;
    return id;
  }

  get sessionKey(): string {
    return this.state.sessionKey;
  }

  // Accounts

  get users(): readonly UserRecord[] {
    return this.state.users;
  }

  user(name: string): UserRecord | undefined {
    return this.state.users.find(user => sameName(user.name, name));
  }

  userById(id: number): UserRecord | undefined {
    return this.state.users.find(user => user.id === id);
  }

  /** Makes the user, or gives an existing one this password. */
  putUser(options: {
    name: string;
    fullName?: string;
    email?: string;
    password: string;
    admin?: boolean;
  }): UserRecord {
    let user = this.user(options.name);
    if (!user) {
      user = {
        id: this.nextId('account'),
        name: options.name,
        fullName: '',
        email: '',
        passwordHash: '',
        admin: false,
        createdAt: new Date().toISOString(),
        tokens: [],
      };
      this.state.users.push(user);
    }
    user.fullName = options.fullName ?? user.fullName;
    user.email = options.email || user.email || `${user.name}@example.com`;
    user.admin = options.admin ?? user.admin;
    if (!user.passwordHash || !this.passwordMatches(user, options.password)) {
      user.passwordHash = hashPassword(options.password);
    }
    return user;
  }

  passwordMatches(user: UserRecord, password: string): boolean {
    const [salt, expected] = user.passwordHash.split(':');
    if (!expected) return false;
    return timingSafeEqual(
      scryptSync(password, salt, 32, SCRYPT),
      Buffer.from(expected, 'hex'),
    );
  }

  addToken(
    user: UserRecord,
    token: { name: string; scopes: string[]; value?: string },
  ): { record: TokenRecord; value: string } {
    const value = token.value ?? randomBytes(20).toString('hex');
    const record: TokenRecord = {
      id: this.nextId('token'),
      name: token.name,
      hash: sha256(value),
      lastEight: value.slice(-8),
      scopes: token.scopes,
      createdAt: new Date().toISOString(),
    };
    user.tokens = [
      ...user.tokens.filter(other => other.name !== token.name),
      record,
    ];
    return { record, value };
  }

  findToken(
    value: string,
  ): { user: UserRecord; token: TokenRecord } | undefined {
    const hash = sha256(value);
    for (const user of this.state.users) {
      const token = user.tokens.find(candidate => candidate.hash === hash);
      if (token) return { user, token };
    }
    return undefined;
  }

  organization(name: string): OrganizationRecord | undefined {
    return this.state.organizations.find(org => sameName(org.name, name));
  }

  putOrganization(name: string, fullName = ''): OrganizationRecord {
    let organization = this.organization(name);
    if (!organization) {
      organization = { id: this.nextId('account'), name, fullName, teams: [] };
      this.state.organizations.push(organization);
    }
    return organization;
  }

  putTeam(
    organization: OrganizationRecord,
    options: Pick<TeamRecord, 'name'> & Partial<TeamRecord>,
  ): TeamRecord {
    let team = organization.teams.find(other =>
      sameName(other.name, options.name),
    );
    if (!team) {
      team = {
        id: this.nextId('team'),
        name: options.name,
        description: options.description ?? '',
        permission: options.permission ?? 'read',
        includesAllRepositories: options.includesAllRepositories ?? false,
        members: [],
        repositories: [],
      };
      organization.teams.push(team);
    }
    if (options.permission) team.permission = options.permission;
    if (options.members) team.members = [...options.members];
    return team;
  }

  teamById(
    id: number,
  ): { organization: OrganizationRecord; team: TeamRecord } | undefined {
    for (const organization of this.state.organizations) {
      const team = organization.teams.find(other => other.id === id);
      if (team) return { organization, team };
    }
    return undefined;
  }

  // Repositories

  get repositories(): readonly RepositoryRecord[] {
    return this.state.repositories;
  }

  repository(owner: string, name: string): RepositoryRecord | undefined {
    return this.state.repositories.find(
      repo => sameName(repo.owner, owner) && sameName(repo.name, name),
    );
  }

  repositoryById(id: number): RepositoryRecord | undefined {
    return this.state.repositories.find(repo => repo.id === id);
  }

  /** The repository that had this name before it was renamed. */
  renamedRepository(owner: string, name: string): RepositoryRecord | undefined {
    const id = this.state.formerNames[`${owner}/${name}`.toLowerCase()];
    return id === undefined ? undefined : this.repositoryById(id);
  }

  addRepository(
    options: Pick<RepositoryRecord, 'owner' | 'name'> &
      Partial<RepositoryRecord>,
  ): RepositoryRecord {
    const now = new Date().toISOString();
    const repository: RepositoryRecord = {
      description: '',
      private: false,
      defaultBranch: 'main',
      archived: false,
      pullRequests: true,
      mergeStyles: [
        'merge',
        'rebase',
        'rebase-merge',
        'squash',
        'fast-forward-only',
      ],
      collaborators: {},
      createdAt: now,
      updatedAt: now,
      pulls: [],
      hooks: [],
      protections: [],
      statuses: [],
      lastNumber: 0,
      ...options,
      id: this.nextId('repository'),
    };
    this.state.repositories.push(repository);
    delete this.state.formerNames[
      `${options.owner}/${options.name}`.toLowerCase()
    ];
    return repository;
  }

  renameRepository(repository: RepositoryRecord, name: string): void {
    this.state.formerNames[
      `${repository.owner}/${repository.name}`.toLowerCase()
    ] = repository.id;
    repository.name = name;
  }

  removeRepository(repository: RepositoryRecord): void {
    this.state.repositories = this.state.repositories.filter(
      other => other !== repository,
    );
  }

  /** The Git data of a repository; its folder is named by id, so that a rename moves nothing. */
  git({ id }: Pick<RepositoryRecord, 'id'>): GitRepository {
    const git =
      this.gitRepositories.get(id) ??
      new GitRepository(join(this.dataDir, 'repositories', `${id}.git`));
    this.gitRepositories.set(id, git);
    return git;
  }

  addPull(
    repository: RepositoryRecord,
    pull: Omit<PullRecord, 'id' | 'number'>,
  ): PullRecord {
    repository.lastNumber += 1;
    const record: PullRecord = {
      ...pull,
      id: this.nextId('pull'),
      number: repository.lastNumber,
    };
    repository.pulls.push(record);
    return record;
  }
}
