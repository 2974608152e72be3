import { PullRecord, RepositoryRecord, UserRecord } from '../model';
import { isDraft } from '../access';
import { Html, html } from './html';

export interface PageContext {
  user?: UserRecord;
  formToken: string;
  /** Where the person is, to come back to after signing in. */
  path: string;
}

const ICONS = {
  branch:
    'M5 3.25a.75.75 0 1 1-1.5 0 .75.75 0 0 1 1.5 0Zm0 2.1a2.25 2.25 0 1 0-1.5 0v5.3a2.25 2.25 0 1 0 1.5 0V8.9h4.25a2.25 2.25 0 0 0 2.25-2.25v-.8a2.25 2.25 0 1 0-1.5 0v.8a.75.75 0 0 1-.75.75H5ZM4.25 12a.75.75 0 1 0 0 1.5.75.75 0 0 0 0-1.5Zm8-9.5a.75.75 0 1 0-1.5.01.75.75 0 0 0 1.5 0Z',
  folder:
    'M1.75 2.5A1.25 1.25 0 0 0 .5 3.75v8.5c0 .69.56 1.25 1.25 1.25h12.5c.69 0 1.25-.56 1.25-1.25v-6.5c0-.69-.56-1.25-1.25-1.25H8.3L6.9 2.9a1.25 1.25 0 0 0-.95-.4h-4.2Z',
  file: 'M3.75 1.5a.25.25 0 0 0-.25.25v12.5c0 .14.11.25.25.25h8.5a.25.25 0 0 0 .25-.25V6h-2.75A1.75 1.75 0 0 1 8 4.25V1.5H3.75Zm5.75.6v2.15c0 .14.11.25.25.25h2.15L9.5 2.1ZM2 1.75C2 .8 2.8 0 3.75 0h5.6c.4 0 .8.18 1.1.48l3.07 3.07c.3.3.48.69.48 1.1v9.6A1.75 1.75 0 0 1 12.25 16h-8.5A1.75 1.75 0 0 1 2 14.25V1.75Z',
  check:
    'M13.78 4.22a.75.75 0 0 1 0 1.06l-7 7a.75.75 0 0 1-1.06 0l-3.5-3.5a.75.75 0 1 1 1.06-1.06l2.97 2.97 6.47-6.47a.75.75 0 0 1 1.06 0Z',
  cross:
    'M3.72 3.72a.75.75 0 0 1 1.06 0L8 6.94l3.22-3.22a.75.75 0 1 1 1.06 1.06L9.06 8l3.22 3.22a.75.75 0 1 1-1.06 1.06L8 9.06l-3.22 3.22a.75.75 0 0 1-1.06-1.06L6.94 8 3.72 4.78a.75.75 0 0 1 0-1.06Z',
  clock:
    'M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13ZM0 8a8 8 0 1 1 16 0A8 8 0 0 1 0 8Zm8.75-3.75a.75.75 0 0 0-1.5 0v4c0 .2.08.39.22.53l2.25 2.25a.75.75 0 1 0 1.06-1.06L8.75 7.94V4.25Z',
  merge:
    'M5.45 5.15A4.25 4.25 0 0 0 9.25 7.5h1.38a2.25 2.25 0 1 1 0 1.5H9.25A5.73 5.73 0 0 1 5 7.12v3.53a2.25 2.25 0 1 1-1.5 0V5.35a2.25 2.25 0 1 1 1.95-.2ZM4.25 12a.75.75 0 1 0 0 1.5.75.75 0 0 0 0-1.5Zm8.5-4.5a.75.75 0 1 0 0 1.5.75.75 0 0 0 0-1.5ZM4.25 2.5a.75.75 0 1 0 0 1.5.75.75 0 0 0 0-1.5Z',
} as const;

export function icon(name: keyof typeof ICONS): Html {
  return html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d="${ICONS[name]}" />
  </svg>`;
}

export function repositoryPath(repository: RepositoryRecord): string {
  return `/${repository.owner}/${repository.name}`;
}

const STEPS: Array<[number, string]> = [
  [60, 'second'],
  [60, 'minute'],
  [24, 'hour'],
  [30, 'day'],
  [12, 'month'],
  [Infinity, 'year'],
];

/** A time as people say it, with the exact one behind it. */
export function ago(date: string): Html {
  let amount = Math.max(0, (Date.now() - new Date(date).getTime()) / 1000);
  let words = 'just now';
  if (amount >= 45) {
    for (const [size, unit] of STEPS) {
      if (amount < size) {
        const rounded = Math.floor(amount);
        words = `${rounded} ${unit}${rounded === 1 ? '' : 's'} ago`;
        break;
      }
      amount /= size;
    }
  }
  const exact = new Date(date).toISOString().replace('T', ' ').slice(0, 19);
  return html`<time datetime="${date}" title="${exact} UTC">${words}</time>`;
}

/** A person, with initials in a colour of their own. */
export function who(name: string, fullName?: string): Html {
  const colour =
    [...name].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 6;
  return html`<span class="who"
    ><span class="avatar a${colour}" aria-hidden="true"
      >${name.slice(0, 2).toUpperCase()}</span
    >${fullName || name}</span
  >`;
}

export function shortId(commit: string): Html {
  return html`<code title="${commit}">${commit.slice(0, 10)}</code>`;
}

export function stat(additions: number, deletions: number): Html {
  return html`<span class="stat"
    ><span class="plus">+${additions}<span class="sr"> lines added</span></span>
    <span class="minus"
      >−${deletions}<span class="sr"> lines removed</span></span
    ></span
  >`;
}

export function stateChip(pull: PullRecord, big = false): Html {
  const size = big ? ' big' : '';
  if (pull.merged) {
    return html`<span class="chip merged${size}"
      >${icon('merge')} Merged</span
    >`;
  }
  if (pull.state === 'closed') {
    return html`<span class="chip closed${size}"
      >${icon('cross')} Closed</span
    >`;
  }
  return isDraft(pull)
    ? html`<span class="chip draft${size}">${icon('branch')} Draft</span>`
    : html`<span class="chip open${size}">${icon('branch')} Open</span>`;
}

export function hiddenToken(context: PageContext): Html {
  return html`<input
    type="hidden"
    name="form_token"
    value="${context.formToken}"
  />`;
}

function account(context: PageContext): Html | false {
  const { user } = context;
  return user
    ? html`<form method="post" action="/user/logout">
        ${hiddenToken(context)}
        <span class="who-name">${who(user.name, user.fullName)}</span>
        <button type="submit">Sign out</button>
      </form>`
    : !context.path.startsWith('/user/') &&
        html`<a
          href="/user/login?redirect_to=${encodeURIComponent(context.path)}"
          >Sign in</a
        >`;
}

/** A whole page. `main` must have the one heading of first level. */
export function page(context: PageContext, title: string, main: Html): string {
  return html`<!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Git forge</title>
        <link rel="stylesheet" href="/assets/forge.css" />
        <link rel="icon" href="/assets/icon.svg" type="image/svg+xml" />
      </head>
      <body>
        <a class="skip" href="#main">Skip to content</a>
        <header class="top">
          <div class="in">
            <a class="brand" href="/"
              ><svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
                <path d="${ICONS.branch}" /></svg
              >Git forge</a
            >
            <nav aria-label="Main"><a href="/">Repositories</a></nav>
            ${account(context)}
          </div>
        </header>
        <main id="main" class="in">${main}</main>
      </body>
    </html>`.toString();
}

/** Name of the repository and the ways through it; `heading` makes the name the heading of the page. */
export function repositoryHead(
  repository: RepositoryRecord,
  current: 'files' | 'pulls',
  heading: boolean,
): Html {
  const base = repositoryPath(repository);
  const open = repository.pulls.filter(pull => pull.state === 'open').length;
  const name = html`<span class="owner">${repository.owner}</span> /
    <a href="${base}">${repository.name}</a>`;
  const tab = (key: string, href: string, text: Html | string) =>
    html`<a href="${href}" ${key === current && html`aria-current="page"`}
      >${text}</a
    >`;
  return html`<div class="repo-head">
      ${heading
        ? html`<h1>${name}</h1>`
        : html`<p><strong>${name}</strong></p>`}
      <span class="chip">${repository.private ? 'Private' : 'Public'}</span>
      ${repository.archived && html`<span class="chip warn">Archived</span>`}
    </div>
    ${repository.description &&
    html`<p class="muted">${repository.description}</p>`}
    <nav class="tabs" aria-label="Repository">
      ${tab('files', base, 'Files')}
      ${tab(
        'pulls',
        `${base}/pulls`,
        html`Pull requests<span class="count"
            >${open}<span class="sr"> open</span></span
          >`,
      )}
    </nav>`;
}
