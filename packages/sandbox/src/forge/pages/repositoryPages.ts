import { posix } from 'node:path';
import { Commit, TreeEntry } from '../GitRepository';
import { PullRecord, RepositoryRecord } from '../model';
import { encodePath } from '../wireFormat';
import { DiffFile } from './diff';
import { diffView } from './diffView';
import { Html, html } from './html';
import {
  ago,
  hiddenToken,
  icon,
  page,
  PageContext,
  repositoryHead,
  repositoryPath,
  shortId,
  stateChip,
  who,
} from './layout';
import { markdown } from './markdown';

export function loginPage(
  context: PageContext,
  options: { redirectTo: string; name?: string; problem?: string },
): string {
  return page(
    context,
    'Sign in',
    html`<div class="login">
      <h1>Sign in</h1>
      ${options.problem &&
      html`<p class="alert" role="alert">${options.problem}</p>`}
      <form method="post" action="/user/login" class="box">
        <div class="pad">
          ${hiddenToken(context)}
          <input
            type="hidden"
            name="redirect_to"
            value="${options.redirectTo}"
          />
          <div class="field">
            <label for="user">User name</label
            ><input
              id="user"
              name="user"
              type="text"
              autocomplete="username"
              required
              autofocus
              value="${options.name ?? ''}"
            />
          </div>
          <div class="field">
            <label for="password">Password</label
            ><input
              id="password"
              name="password"
              type="password"
              autocomplete="current-password"
              required
            />
          </div>
          <button type="submit" class="primary">Sign in</button>
        </div>
      </form>
    </div>`,
  );
}

export function messagePage(
  context: PageContext,
  title: string,
  text: string,
): string {
  return page(
    context,
    title,
    html`<h1>${title}</h1>
      <p>${text}</p>
      <p><a href="/">To the repositories</a></p>`,
  );
}

export function repositoriesPage(
  context: PageContext,
  repositories: RepositoryRecord[],
): string {
  const rows = [...repositories]
    .sort((a, b) => b.updatedAt.localeCompare(a.updatedAt))
    .map(repository => {
      const open = repository.pulls.filter(pull => pull.state === 'open');
      return html`<li>
        <div class="what">
          <a href="${repositoryPath(repository)}"
            >${repository.owner} / ${repository.name}</a
          >
          <span class="chip">${repository.private ? 'Private' : 'Public'}</span>
          ${repository.description &&
          html`<div class="muted">${repository.description}</div>`}
          <div class="muted small">Updated ${ago(repository.updatedAt)}</div>
        </div>
        <a class="nowrap" href="${repositoryPath(repository)}/pulls"
          >${open.length} open pull request${open.length === 1 ? '' : 's'}</a
        >
      </li>`;
    });
  return page(
    context,
    'Repositories',
    html`<div class="section"><h1>Repositories</h1></div>
      <div class="box">
        ${rows.length > 0
          ? html`<ul class="rows">
              ${rows}
            </ul>`
          : html`<p class="empty">
              ${context.user
                ? 'No repository that you may read.'
                : 'Sign in to see your repositories.'}
            </p>`}
      </div>`,
  );
}

export interface FileView {
  entry: TreeEntry;
  /** Absent when it is not text, or too long to show. */
  text?: string;
}

export interface FolderView {
  entries: TreeEntry[];
  readme?: { name: string; text: string };
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024
    ? `${(bytes / 1024).toFixed(1)} KiB`
    : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function crumbs(repository: RepositoryRecord, at: string, path: string): Html {
  const base = `${repositoryPath(repository)}/src/${at}`;
  const parts = path ? path.split('/') : [];
  return html`<span class="crumbs"
    ><a href="${base}">${repository.name}</a>${parts.map(
      (part, index) =>
        html` /
        ${index === parts.length - 1
          ? part
          : html`<a
              href="${base}/${encodePath(parts.slice(0, index + 1).join('/'))}"
              >${part}</a
            >`}`,
    )}</span
  >`;
}

function folder(
  repository: RepositoryRecord,
  at: string,
  view: FolderView,
): Html {
  const base = `${repositoryPath(repository)}/src/${at}`;
  const rows = [...view.entries]
    .sort(
      (a, b) =>
        Number(b.type === 'tree') - Number(a.type === 'tree') ||
        a.path.localeCompare(b.path),
    )
    .map(entry => {
      return html`<tr>
        <td>
          ${icon(entry.type === 'tree' ? 'folder' : 'file')}
          <a href="${base}/${encodePath(entry.path)}"
            >${posix.basename(entry.path)}</a
          >
        </td>
      </tr>`;
    });
  return html`<div class="box">
      <table class="files">
        <caption class="sr">
          Files
        </caption>
        ${rows}
      </table>
    </div>
    ${view.readme &&
    html`<section class="box" aria-label="${view.readme.name}">
      <header>${icon('file')} ${view.readme.name}</header>
      <div class="pad prose">${markdown(view.readme.text)}</div>
    </section>`}`;
}

function fileText(file: FileView): Html {
  const lines = file.text?.replace(/\n$/, '').split('\n');
  return html`<section class="box" aria-label="${file.entry.path}">
    <header>
      ${icon('file')} ${posix.basename(file.entry.path)}
      <span class="muted small">${size(file.entry.size)}</span>
    </header>
    ${lines
      ? html`<div
          class="scroll"
          tabindex="0"
          role="region"
          aria-label="Text of the file"
        >
          <table class="lines">
            ${lines.map(
              (text, index) =>
                html`<tr>
                  <td class="n">${index + 1}</td>
                  <td class="t">${text}</td>
                </tr>`,
            )}
          </table>
        </div>`
      : html`<p class="empty">
          This file is not shown here: it is no text, or too long.
        </p>`}
  </section>`;
}

export function sourcePage(
  context: PageContext,
  repository: RepositoryRecord,
  options: {
    /** `branch/main` or `commit/0123…` */
    at: string;
    path: string;
    cloneUrl: string;
    view: FileView | FolderView;
  },
): string {
  const { at, path, view } = options;
  const [kind, ...name] = at.split('/');
  return page(
    context,
    `${path || repository.name} · ${repository.owner}/${repository.name}`,
    html`${repositoryHead(repository, 'files', true)}
      <div class="meta">
        <span
          >${icon('branch')} ${kind}
          <span class="ref">${decodeURIComponent(name.join('/'))}</span></span
        >
        ${crumbs(repository, at, path)}
        ${!path &&
        html`<span class="small"
          >Clone <code class="ref">${options.cloneUrl}</code></span
        >`}
      </div>
      ${'entries' in view ? folder(repository, at, view) : fileText(view)}`,
  );
}

export function emptyRepositoryPage(
  context: PageContext,
  repository: RepositoryRecord,
  cloneUrl: string,
): string {
  return page(
    context,
    `${repository.owner}/${repository.name}`,
    html`${repositoryHead(repository, 'files', true)}
      <div class="box">
        <div class="empty">
          <p>Nothing is in this repository yet.</p>
          <p>Push to <code class="ref">${cloneUrl}</code></p>
        </div>
      </div>`,
  );
}

export function commitRow(repository: RepositoryRecord, commit: Commit): Html {
  return html`<li>
    <div class="what">
      <a href="${repositoryPath(repository)}/commit/${commit.sha}"
        >${commit.message.split('\n')[0]}</a
      >
      <div class="muted small">
        ${commit.author.name}, ${ago(commit.committer.date)}
      </div>
    </div>
    ${shortId(commit.sha)}
  </li>`;
}

export function commitPage(
  context: PageContext,
  repository: RepositoryRecord,
  commit: Commit,
  files: DiffFile[],
): string {
  const [subject, ...rest] = commit.message.trimEnd().split('\n');
  const body = rest.join('\n').trim();
  return page(
    context,
    `${subject} · ${repository.owner}/${repository.name}`,
    html`${repositoryHead(repository, 'files', false)}
      <div class="title"><h1>${subject}</h1></div>
      <div class="meta">
        ${who(commit.author.name)}
        <span>committed ${ago(commit.committer.date)}</span> ${shortId(
          commit.sha,
        )}
      </div>
      ${body &&
      html`<div class="box">
        <div class="pad"><pre class="file-text">${body}</pre></div>
      </div>`}
      ${diffView(files)}`,
  );
}

export function pullListPage(
  context: PageContext,
  repository: RepositoryRecord,
  state: 'open' | 'closed',
): string {
  const count = (wanted: string) =>
    repository.pulls.filter(pull => pull.state === wanted).length;
  const filter = (wanted: 'open' | 'closed', text: string) =>
    html`<a
      class="${wanted === state ? 'chip good' : 'chip'}"
      ${wanted === state && html`aria-current="true"`}
      href="${repositoryPath(repository)}/pulls?state=${wanted}"
      >${count(wanted)} ${text}</a
    >`;
  const pulls = repository.pulls
    .filter(pull => pull.state === state)
    .sort((a, b) => b.number - a.number);
  return page(
    context,
    `Pull requests · ${repository.owner}/${repository.name}`,
    html`${repositoryHead(repository, 'pulls', false)}
      <h1 class="sr">Pull requests</h1>
      <div class="box">
        <header>
          <nav class="actions" aria-label="Filter">
            ${filter('open', 'open')} ${filter('closed', 'closed')}
          </nav>
        </header>
        ${pulls.length > 0
          ? html`<ul class="rows">
              ${pulls.map(pull => pullRow(repository, pull))}
            </ul>`
          : html`<p class="empty">There are no ${state} pull requests.</p>`}
      </div>`,
  );
}

function pullRow(repository: RepositoryRecord, pull: PullRecord): Html {
  return html`<li>
    ${stateChip(pull)}
    <div class="what">
      <a href="${repositoryPath(repository)}/pulls/${pull.number}"
        >${pull.title}</a
      >
      <div class="muted small">
        #${pull.number} by ${pull.poster},
        ${pull.merged
          ? html`merged ${ago(pull.merged.at)}`
          : html`opened ${ago(pull.createdAt)}`}
        · <span class="ref">${pull.head}</span> into
        <span class="ref">${pull.base}</span>
      </div>
    </div>
    ${verdictChip(pull)}
  </li>`;
}

function verdictChip(pull: PullRecord): Html | false {
  const verdicts = pull.reviews.filter(review => !review.dismissed);
  if (verdicts.some(review => review.state === 'REQUEST_CHANGES')) {
    return html`<span class="chip bad"
      >${icon('cross')} Changes requested</span
    >`;
  }
  if (verdicts.some(review => review.state === 'APPROVED')) {
    return html`<span class="chip good">${icon('check')} Approved</span>`;
  }
  return (
    pull.state === 'open' &&
    verdicts.some(review => review.state === 'REQUEST_REVIEW') &&
    html`<span class="chip">${icon('clock')} Waits for review</span>`
  );
}
