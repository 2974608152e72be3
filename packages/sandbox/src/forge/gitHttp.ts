import Router from 'express-promise-router';
import { ErrorRequestHandler, Request, Response } from 'express';
import { gunzipSync } from 'node:zlib';
import { once } from 'node:events';
import {
  accessOf,
  atLeast,
  mayForcePush,
  mayPush,
  protectionOf,
} from './access';
import { authenticate, Caller, requireScope } from './authentication';
import { ForgeStore } from './ForgeStore';
import { GiteaError } from './GiteaError';
import { NO_COMMIT } from './GitRepository';
import { RepositoryRecord } from './model';
import { RepositoryService } from './RepositoryService';

const MAX_PUSH_BYTES = 256 * 1024 * 1024;

interface RefCommand {
  before: string;
  after: string;
  ref: string;
}

/** The ref updates at the beginning of a push: packets, up to the first empty one. */
function parseCommands(body: Buffer): RefCommand[] {
  const commands: RefCommand[] = [];
  let at = 0;
  while (at + 4 <= body.length) {
    const length = parseInt(body.toString('latin1', at, at + 4), 16);
    if (!(length > 4)) break;
    const line = body.toString('utf8', at + 4, at + length);
    const found = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([^\0\n]+)/.exec(line);
    if (found) {
      commands.push({ before: found[1], after: found[2], ref: found[3] });
    }
    at += length;
  }
  return commands;
}

async function readBody(request: Request): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_PUSH_BYTES) throw new GiteaError(413, 'push is too large');
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return request.headers['content-encoding'] === 'gzip'
    ? gunzipSync(body, { maxOutputLength: MAX_PUSH_BYTES })
    : body;
}

/** `git clone`, `git fetch` and `git push` over HTTP, with the rights that the API has. */
export function createGitRouter(options: {
  store: ForgeStore;
  repositories: RepositoryService;
}) {
  const { store, repositories } = options;
  const router = Router();

  function open(
    request: Request,
    response: Response,
    service: string,
  ): { caller: Caller; repository: RepositoryRecord } {
    const { owner, repo } = request.params as Record<string, string>;
    const repository = store.repository(owner, repo.replace(/\.git$/, ''));
    const writing = service === 'git-receive-pack';
    const unauthorized = (message: string) => {
      response.setHeader('WWW-Authenticate', 'Basic realm="Gitea"');
      return new GiteaError(401, `${message}\n`);
    };
    let caller: Caller;
    try {
      caller = authenticate(store, request.headers.authorization);
    } catch {
      throw unauthorized('Failed to authenticate user');
    }
    const readable =
      repository && atLeast(accessOf(store, repository, caller.user), 'read');
    if (!caller.user && (writing || !readable)) {
      throw unauthorized('Unauthorized');
    }
    if (!repository || !readable) {
      throw GiteaError.notFound('Repository not found');
    }
    requireScope(caller, writing ? 'write' : 'read', 'repository');
    return { caller, repository };
  }

  /** Why a push must not happen, in words for the person pushing. */
  function refusal(
    repository: RepositoryRecord,
    caller: Caller,
    commands: RefCommand[],
  ): string | undefined {
    const user = caller.user;
    if (!user) return 'User permission denied for writing.';
    if (repository.archived) return 'repository is archived';
    for (const { ref, after } of commands) {
      if (!repositories.mayWrite(repository, user)) {
        return 'User permission denied for writing.';
      }
      if (ref.startsWith('refs/tags/')) continue;
      if (!ref.startsWith('refs/heads/')) {
        return `${ref} cannot be pushed: only branches and tags are`;
      }
      const branch = ref.slice('refs/heads/'.length);
      const rule = protectionOf(repository, branch);
      if (
        after === NO_COMMIT &&
        (rule || branch === repository.defaultBranch)
      ) {
        return `branch ${branch} is protected from deletion`;
      }
      if (!mayPush(rule, user)) {
        return `Not allowed to push to protected branch ${branch}`;
      }
    }
    return undefined;
  }

  async function serve(
    request: Request,
    response: Response,
    repository: RepositoryRecord,
    call: { path: string; body: Buffer; env?: NodeJS.ProcessEnv },
  ): Promise<void> {
    const child = store.git(repository).httpBackend({
      REQUEST_METHOD: request.method,
      PATH_INFO: `/${call.path}`,
      QUERY_STRING: request.originalUrl.split('?')[1] ?? '',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      CONTENT_LENGTH: String(call.body.length),
      REMOTE_USER: 'forge',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      ...call.env,
    });
    const closed = once(child, 'close');
    // A program that ends early closes its input; what it wrote until then is the answer.
    child.stdin.on('error', () => {});
    child.stderr.resume();
    child.stdin.end(call.body);
    response.on('close', () => child.kill());

    let head = Buffer.alloc(0);
    let started = false;
    for await (const chunk of child.stdout) {
      if (started) {
        response.write(chunk);
        continue;
      }
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end < 0) continue;
      started = true;
      for (const line of head.toString('latin1', 0, end).split('\r\n')) {
        const colon = line.indexOf(':');
        const name = line.slice(0, colon);
        const value = line.slice(colon + 1).trim();
        if (/^status$/i.test(name)) response.status(parseInt(value, 10));
        else response.setHeader(name, value);
      }
      response.write(head.subarray(end + 4));
    }
    await closed;
    if (!started) throw new GiteaError(500, '');
  }

  router.get('/:owner/:repo/info/refs', async (request, response) => {
    const service = String(request.query.service ?? '');
    if (service !== 'git-upload-pack' && service !== 'git-receive-pack') {
      // The old protocol, in which files of the repository are served as they are.
      throw new GiteaError(403, 'Please upgrade your git client.');
    }
    const { repository } = open(request, response, service);
    await serve(request, response, repository, {
      path: 'info/refs',
      body: Buffer.alloc(0),
    });
    response.end();
  });

  router.post('/:owner/:repo/git-upload-pack', async (request, response) => {
    const { repository } = open(request, response, 'git-upload-pack');
    const body = await readBody(request);
    await serve(request, response, repository, {
      path: 'git-upload-pack',
      body,
    });
    response.end();
  });

  router.post('/:owner/:repo/git-receive-pack', async (request, response) => {
    const { caller, repository } = open(request, response, 'git-receive-pack');
    const body = await readBody(request);
    const commands = parseCommands(body);
    const git = store.git(repository);
    const user = caller.user;
    const empty = await repositories.isEmpty(repository);
    const fastForwardOnly = commands
      .map(command => command.ref)
      .filter(ref => {
        const rule = protectionOf(repository, ref.replace('refs/heads/', ''));
        return user && rule && !mayForcePush(rule, user);
      });
    await serve(request, response, repository, {
      path: 'git-receive-pack',
      body,
      env: {
        FORGE_REFUSE: refusal(repository, caller, commands) ?? '',
        FORGE_FAST_FORWARD_ONLY: fastForwardOnly.join(' '),
      },
    });
    const branches = await git.branches();
    if (empty && branches.length > 0) {
      const names = branches.map(branch => branch.name);
      if (!names.includes(repository.defaultBranch)) {
        repository.defaultBranch = names[0];
        await git.setDefaultBranch(names[0]);
      }
    }
    for (const command of commands) {
      const now = (await git.resolve(command.ref)) ?? NO_COMMIT;
      if (user && now === command.after) {
        await repositories.refChanged({ repository, user, ...command });
      }
    }
    // Only now, so that who pushed sees the consequences with the next call.
    response.end();
  });

  // Git shows people what it is answered, so that is text here.
  const onError: ErrorRequestHandler = (error, _, response, next) => {
    if (error instanceof GiteaError && !response.headersSent) {
      response.status(error.status).type('text/plain').send(error.message);
    } else {
      next(error);
    }
  };
  router.use(onError);
  return router;
}
