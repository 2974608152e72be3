import { posix } from 'node:path';
import { protectionOf, mayPush } from './access';
import { ForgeStore } from './ForgeStore';
import { GiteaError } from './GiteaError';
import { identityOf } from './identity';
import { Commit, NO_COMMIT, Signature, TreeEntry } from './GitRepository';
import { RepositoryRecord, UserRecord } from './model';
import { isValidBranchName, RepositoryService } from './RepositoryService';

export interface FileOperation {
  operation: string;
  path: string;
  /** Base64. */
  content?: string;
  sha?: string;
  from_path?: string;
}

export interface Identity {
  name?: string;
  email?: string;
}

export interface ChangeRequest {
  branch?: string;
  new_branch?: string;
  force_push?: boolean;
  message?: string;
  author?: Identity;
  committer?: Identity;
  dates?: { author?: string; committer?: string };
  signoff?: boolean;
  files: FileOperation[];
}

export interface ChangeResult {
  commit: Commit;
  branch: string;
  /** Path of each operation, undefined for a deletion. */
  paths: Array<string | undefined>;
}

interface PlannedFile {
  path: string;
  remove?: string;
  mode: string;
  /** Absent: keep the blob of the file that is renamed, or delete. */
  content?: Buffer;
  blob?: string;
  deleted: boolean;
}

function decode(content: string): Buffer {
  const clean = content.replace(/[\r\n]/g, '');
  const bad = clean.search(/[^A-Za-z0-9+/=]/);
  if (bad >= 0 || clean.length % 4 !== 0) {
    throw new GiteaError(
      422,
      `illegal base64 data at input byte ${bad >= 0 ? bad : clean.length}`,
    );
  }
  return Buffer.from(clean, 'base64');
}

function cleanPath(path: string): string {
  // Gitea fails inside on these.
  if (path.startsWith('/') || path.split('/').includes('..')) {
    throw new GiteaError(500, '');
  }
  const clean = posix.normalize(path).replace(/\/$/, '');
  if (clean.split('/').some(part => part.toLowerCase() === '.git')) {
    throw new GiteaError(
      422,
      `path contains a malformed path component [path: ${path}]`,
    );
  }
  return clean;
}

function checkBranchName(field: string, name: string | undefined): void {
  if (!name) return;
  if (name.length > 100) throw new GiteaError(422, `[${field}]: MaxSize`);
  if (!isValidBranchName(name)) {
    throw new GiteaError(422, `[${field}]: GitRefName`);
  }
}

function defaultMessage(files: FileOperation[]): string {
  const verb: Record<string, string> = { create: 'Add', delete: 'Delete' };
  return files
    .map(file => `${verb[file.operation] ?? 'Update'} ${file.path}`)
    .join('\n');
}

/** Commits made through the API: several files, one commit, on a branch or on a new one. */
export class ChangeService {
  constructor(
    private readonly store: ForgeStore,
    private readonly repositories: RepositoryService,
  ) {}

  async commit(
    repository: RepositoryRecord,
    user: UserRecord,
    request: ChangeRequest,
  ): Promise<ChangeResult> {
    checkBranchName('BranchName', request.branch);
    checkBranchName('NewBranchName', request.new_branch);
    const git = this.store.git(repository);
    const base = request.branch || repository.defaultBranch;
    const target = request.new_branch || base;

    const [baseCommit, before] = await Promise.all([
      git.branch(base),
      git.branch(target),
    ]);
    const empty = !baseCommit && (await this.repositories.isEmpty(repository));
    if (!baseCommit && !empty) {
      throw GiteaError.notFound(
        `branch does not exist [repo_id: ${repository.id} name: ${base}]`,
      );
    }
    const replacing = target !== base && before !== undefined;
    if (replacing && !request.force_push) {
      throw new GiteaError(422, `branch already exists [name: ${target}]`);
    }
    if (target === base && !mayPush(protectionOf(repository, target), user)) {
      throw new GiteaError(
        403,
        `user cannot commit to repo [user: ${user.name}]`,
      );
    }

    const files = await this.plan(repository, baseCommit, request.files);
    const tree = await this.writeTree(repository, baseCommit, files);
    const sha = await git.writeCommit({
      tree,
      parents: baseCommit ? [baseCommit] : [],
      ...this.signatures(user, request),
      message: this.message(user, request),
    });
    if (sha !== before) {
      this.repositories.checkPush(repository, user, target, {
        forced: replacing && !(await git.isAncestor(before, sha)),
      });
      await this.repositories.moveBranch(
        repository,
        target,
        { before: before ?? NO_COMMIT, after: sha },
        user,
      );
    }
    if (empty && target !== repository.defaultBranch) {
      repository.defaultBranch = target;
      await git.setDefaultBranch(target);
      this.store.save();
    }
    return {
      commit: await git.commit(sha),
      branch: target,
      paths: files.map(file => (file.deleted ? undefined : file.path)),
    };
  }

  /** Checks every operation against the base before anything is written. */
  private async plan(
    repository: RepositoryRecord,
    baseCommit: string | undefined,
    operations: FileOperation[],
  ): Promise<PlannedFile[]> {
    const cleaned = operations.map(operation => ({
      ...operation,
      path: cleanPath(operation.path),
      from_path: operation.from_path && cleanPath(operation.from_path),
    }));
    const present = baseCommit
      ? await this.store
          .git(repository)
          .entries(baseCommit, [
            ...new Set(
              cleaned.flatMap(({ path, from_path }) => [
                ...(from_path ? [from_path] : []),
                ...pathAndFolders(path),
              ]),
            ),
          ])
      : new Map<string, TreeEntry>();
    return cleaned.map(operation => planFile(operation, present));
  }

  private async writeTree(
    repository: RepositoryRecord,
    baseCommit: string | undefined,
    files: PlannedFile[],
  ): Promise<string> {
    const git = this.store.git(repository);
    const withContent = files.filter(file => file.content !== undefined);
    const blobs = await git.writeBlobs(
      withContent.map(file => file.content as Buffer),
    );
    withContent.forEach((file, index) => {
      file.blob = blobs[index];
    });
    return await git.writeTree(
      baseCommit,
      files.flatMap(file => [
        ...(file.remove ? [{ path: file.remove }] : []),
        {
          path: file.path,
          entry: file.blob ? { mode: file.mode, sha: file.blob } : undefined,
        },
      ]),
    );
  }

  private signatures(
    user: UserRecord,
    request: ChangeRequest,
  ): { author: Signature; committer: Signature } {
    const now = new Date().toISOString();
    const self = identityOf(user);
    const author = { ...self, ...withoutEmpty(request.author) };
    // With an author alone, the author is also the committer.
    const committer = {
      ...(request.author ? author : self),
      ...withoutEmpty(request.committer),
    };
    return {
      author: { ...author, date: request.dates?.author ?? now },
      committer: { ...committer, date: request.dates?.committer ?? now },
    };
  }

  private message(user: UserRecord, request: ChangeRequest): string {
    const text = request.message || defaultMessage(request.files);
    if (!request.signoff) return text;
    const { name, email } = identityOf(user);
    const trailer = `Signed-off-by: ${name} <${email}>`;
    const endsInTrailer = /\n[A-Za-z-]+: .+$/.test(text.trimEnd());
    return `${text.trimEnd()}${endsInTrailer ? '\n' : '\n\n'}${trailer}`;
  }
}

function withoutEmpty(identity: Identity | undefined): Partial<Signature> {
  return Object.fromEntries(
    Object.entries(identity ?? {}).filter(([, value]) => value),
  );
}

function planFile(
  operation: FileOperation,
  present: Map<string, TreeEntry>,
): PlannedFile {
  const { path } = operation;
  const source = present.get(operation.from_path || path);
  const existing = source?.type === 'blob' ? source : undefined;
  const absent = () =>
    GiteaError.notFound(
      `object does not exist [id: , rel_path: ${operation.from_path || path}]`,
    );
  const checkSha = () => {
    if (operation.sha && operation.sha !== existing?.sha) {
      throw new GiteaError(
        422,
        `sha does not match [given: ${operation.sha}, expected: ${
          existing?.sha ?? ''
        }]`,
      );
    }
  };
  const moved =
    operation.from_path && operation.from_path !== path
      ? operation.from_path
      : undefined;

  switch (operation.operation) {
    case 'delete':
      if (!existing) throw absent();
      checkSha();
      return { path, mode: '', deleted: true };
    case 'rename':
    case 'update':
      if (!existing) throw absent();
      checkSha();
      break;
    case 'create':
      if (existing) {
        throw new GiteaError(
          422,
          `repository file already exists [path: ${path}]`,
        );
      }
      break;
    case 'upload':
      checkSha();
      break;
    default:
      // Gitea fails inside on an operation that it does not know.
      throw new GiteaError(500, '');
  }
  checkFolders(path, present);
  const content =
    operation.operation === 'rename' && operation.content === undefined
      ? undefined
      : decode(operation.content ?? '');
  return {
    path,
    remove: moved,
    mode: existing?.mode ?? '100644',
    content,
    blob: content ? undefined : existing?.sha,
    deleted: false,
  };
}

function pathAndFolders(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function checkFolders(path: string, present: Map<string, TreeEntry>): void {
  if (present.get(path)?.type === 'tree') {
    throw new GiteaError(
      422,
      `a directory exists where you’re trying to create a file [path: ${path}]`,
    );
  }
  for (const folder of pathAndFolders(path).slice(0, -1)) {
    if (present.get(folder)?.type === 'blob') {
      throw new GiteaError(
        422,
        `a file exists where you’re trying to create a subdirectory [path: ${folder}]`,
      );
    }
  }
}
