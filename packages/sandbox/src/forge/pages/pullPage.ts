import { isDraft } from '../access';
import { Commit } from '../GitRepository';
import {
  CommentRecord,
  EventRecord,
  MergeStyle,
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  StatusRecord,
} from '../model';
import { PullFacts } from '../pulls/PullFacts';
import { latestReviews } from '../pulls/reviews';
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
  stat,
  stateChip,
  who,
} from './layout';
import { markdown } from './markdown';
import { commitRow } from './repositoryPages';

export interface PullView {
  facts: PullFacts;
  commits: Commit[];
  files: DiffFile[];
  statuses: StatusRecord[];
  /** Why a rule on the base branch keeps it from being merged. */
  blocker?: string;
  mayWrite: boolean;
  teamName: (id: number) => string;
  fullName: (user: string) => string;
  /** Why the last thing that was tried did not work. */
  problem?: string;
}

const STYLE_NAMES: Record<MergeStyle, string> = {
  squash: 'Squash into one commit',
  merge: 'Make a merge commit',
  rebase: 'Rebase, then fast-forward',
  'rebase-merge': 'Rebase, then make a merge commit',
  'fast-forward-only': 'Fast-forward only',
};

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function actionPath(
  repository: RepositoryRecord,
  pull: PullRecord,
  action: string,
): string {
  return `${repositoryPath(repository)}/pulls/${pull.number}/${action}`;
}

// The talk

function comment(
  id: string,
  author: Html,
  what: string,
  at: string,
  body: string,
): Html {
  return html`<article class="box" id="${id}">
    <header>${author} <span class="muted">${what} ${ago(at)}</span></header>
    <div class="pad prose">
      ${body.trim() ? markdown(body) : html`<p class="muted">No words.</p>`}
    </div>
  </article>`;
}

function review(record: ReviewRecord, view: PullView): Html {
  const name = record.user ? view.fullName(record.user) : '';
  const author = who(record.user ?? '', name);
  const after = record.dismissed
    ? html`<span class="chip">no longer counts</span>`
    : record.stale && html`<span class="chip warn">for an earlier state</span>`;
  const chip = {
    APPROVED: html`<span class="chip good">${icon('check')} Approved</span>`,
    REQUEST_CHANGES: html`<span class="chip bad"
      >${icon('cross')} Asks for changes</span
    >`,
    COMMENT: html`<span class="chip">Reviewed</span>`,
  }[record.state as string];
  if (!chip) return html``;
  const line = html`${author} ${chip} ${after}
    <span>${ago(record.submittedAt)}</span>`;
  return record.body
    ? html`<article class="box" id="pullrequestreview-${record.id}">
        <header>${line}</header>
        <div class="pad prose">${markdown(record.body)}</div>
      </article>`
    : html`<div class="event" id="pullrequestreview-${record.id}">
        ${line}
      </div>`;
}

function event(record: EventRecord, view: PullView): Html {
  const author = who(record.user, view.fullName(record.user));
  const text = (): Html => {
    switch (record.type) {
      case 'pull_push': {
        const push = JSON.parse(record.body) as {
          is_force_push: boolean;
          commit_ids: string[];
        };
        return push.is_force_push
          ? html`replaced ${shortId(push.commit_ids[0])} by
            ${shortId(push.commit_ids[1])}`
          : html`added ${plural(push.commit_ids.length, 'commit')}`;
      }
      case 'change_title':
        return html`changed the title to <b>${record.body}</b>`;
      case 'merge_pull':
        return html`merged this as ${shortId(record.body)}`;
      case 'reopen':
        return html`opened this again`;
      default:
        return html`closed this`;
    }
  };
  return html`<div class="event">
    ${author} <span>${text()}</span> <span>${ago(record.createdAt)}</span>
  </div>`;
}

function timeline(pull: PullRecord, view: PullView): Html {
  const items: Array<{ at: string; html: Html }> = [
    ...pull.comments.map((record: CommentRecord) => ({
      at: record.createdAt,
      html: comment(
        `issuecomment-${record.id}`,
        who(record.user, view.fullName(record.user)),
        'wrote',
        record.createdAt,
        record.body,
      ),
    })),
    ...pull.reviews.map(record => ({
      at: record.submittedAt,
      html: review(record, view),
    })),
    // The first one is about the commits that it was opened with.
    ...pull.events.slice(1).map(record => ({
      at: record.createdAt,
      html: event(record, view),
    })),
  ];
  return html`${items
    .sort((a, b) => a.at.localeCompare(b.at))
    .map(item => item.html)}`;
}

// What can be done

function mergeForm(
  context: PageContext,
  repository: RepositoryRecord,
  pull: PullRecord,
  view: PullView,
): Html {
  const styles = (Object.keys(STYLE_NAMES) as MergeStyle[]).filter(style =>
    repository.mergeStyles.includes(style),
  );
  return html`<details class="confirm">
    <summary class="button primary" role="button">Merge…</summary>
    <form method="post" action="${actionPath(repository, pull, 'merge')}">
      ${hiddenToken(context)}<input
        type="hidden"
        name="head"
        value="${pull.headCommit}"
      />
      <h3>This will be merged</h3>
      <dl class="facts">
        <dt>Change</dt>
        <dd>${pull.title} (#${pull.number})</dd>
        <dt>From</dt>
        <dd>
          <span class="ref">${pull.head}</span> at ${shortId(pull.headCommit)},
          ${plural(view.commits.length, 'commit')}
        </dd>
        <dt>Into</dt>
        <dd>
          <span class="ref">${pull.base}</span> at
          ${shortId(view.facts.baseCommit)}
        </dd>
        <dt>Files</dt>
        <dd>
          ${view.files.map(
            file =>
              html`<div>
                <code>${file.path}</code> ${stat(
                  file.additions,
                  file.deletions,
                )}
              </div>`,
          )}
        </dd>
      </dl>
      <div class="field">
        <label for="style">How</label
        ><select id="style" name="style">
          ${styles.map(
            style =>
              html`<option value="${style}">${STYLE_NAMES[style]}</option>`,
          )}
        </select>
      </div>
      <label class="check"
        ><input type="checkbox" name="delete_branch" value="yes" checked />
        Delete the branch afterwards</label
      >
      <div class="actions">
        <button class="primary" type="submit">Merge into ${pull.base}</button>
        <a
          class="button"
          href="${repositoryPath(repository)}/pulls/${pull.number}"
          >Cancel</a
        >
      </div>
    </form>
  </details>`;
}

function panel(kind: string, title: Html, body: Html): Html {
  return html`<section
    class="box state ${kind}"
    id="merge"
    aria-label="Merging"
  >
    <div class="pad">
      <h2>${title}</h2>
      ${body}
    </div>
  </section>`;
}

function mergePanel(
  context: PageContext,
  repository: RepositoryRecord,
  pull: PullRecord,
  view: PullView,
): Html {
  if (pull.merged) {
    return panel(
      'done',
      html`${icon('merge')} Merged`,
      html`<p>
        ${view.fullName(pull.merged.by)} merged this ${ago(pull.merged.at)} as
        <a href="${repositoryPath(repository)}/commit/${pull.merged.commit}"
          >${shortId(pull.merged.commit)}</a
        >
        into <span class="ref">${pull.base}</span>.
      </p>`,
    );
  }
  if (pull.state === 'closed') {
    return panel(
      'bad',
      html`${icon('cross')} Closed without being merged`,
      html`<p>
        ${pull.closedAt ? ago(pull.closedAt) : ''}.
        ${!view.facts.headExists &&
        html`The branch <span class="ref">${pull.head}</span> is gone.`}
      </p>`,
    );
  }
  if (isDraft(pull)) {
    return panel(
      'warn',
      html`${icon('clock')} This is a draft`,
      html`<p>Remove “WIP:” from the title when it is ready to be merged.</p>`,
    );
  }
  if (!view.facts.baseExists) {
    return panel(
      'bad',
      html`${icon('cross')} The branch ${pull.base} is gone`,
      html`<p>There is nothing to merge into.</p>`,
    );
  }
  if (view.facts.conflicts.length > 0) {
    return panel(
      'bad',
      html`${icon('cross')} Conflicts with ${pull.base}`,
      html`<p>
          Both sides changed the same lines. The branch has to be made anew on
          the current <span class="ref">${pull.base}</span> before it can be
          merged.
        </p>
        <ul>
          ${view.facts.conflicts.map(
            path => html`<li><code>${path}</code></li>`,
          )}
        </ul>`,
    );
  }
  if (view.blocker) {
    return panel(
      'warn',
      html`${icon('clock')} Cannot be merged yet`,
      html`<p>
        ${view.blocker}. A rule on <span class="ref">${pull.base}</span> asks
        for this.
      </p>`,
    );
  }
  const doubt = doubts(pull, view);
  if (!context.user) {
    return panel(
      'good',
      html`${icon('check')} No conflicts with ${pull.base}`,
      html`<p>
        <a href="/user/login?redirect_to=${encodeURIComponent(context.path)}"
          >Sign in</a
        >
        to review or merge.
      </p>`,
    );
  }
  return panel(
    doubt ? 'warn' : 'good',
    doubt
      ? html`${icon('clock')} ${doubt}`
      : html`${icon('check')} Ready to be merged`,
    view.mayWrite
      ? html`<p>
            No conflicts with <span class="ref">${pull.base}</span>${doubt &&
            ', and no rule that keeps you from merging'}.
          </p>
          ${mergeForm(context, repository, pull, view)}`
      : html`<p>
          No conflicts with <span class="ref">${pull.base}</span>. You may read
          this repository; merging needs the right to write, which an
          administrator of ${repository.owner} grants.
        </p>`,
  );
}

/** What should make a person think before merging, though no rule forbids it. */
function doubts(pull: PullRecord, view: PullView): string | undefined {
  const verdicts = latestReviews(pull).filter(record => !record.dismissed);
  const rejected = verdicts.find(record => record.state === 'REQUEST_CHANGES');
  if (rejected?.user) return `${view.fullName(rejected.user)} asks for changes`;
  const approved = verdicts.some(record => record.state === 'APPROVED');
  const waiting = verdicts.some(record => record.state === 'REQUEST_REVIEW');
  return waiting && !approved ? 'Nobody has approved this yet' : undefined;
}

function reviewForm(
  context: PageContext,
  repository: RepositoryRecord,
  pull: PullRecord,
  view: PullView,
): Html | false {
  const { user } = context;
  if (!user) return false;
  const own = user.name === pull.poster;
  const open = pull.state === 'open';
  const mayClose = (view.mayWrite || own) && !pull.merged;
  return html`<section class="box" aria-labelledby="say">
    <header><h2 id="say">${open && !own ? 'Review' : 'Comment'}</h2></header>
    <form
      class="pad"
      method="post"
      action="${actionPath(repository, pull, 'review')}"
    >
      ${hiddenToken(context)}
      <input type="hidden" name="head" value="${pull.headCommit}" />
      <label for="body"
        >What you have to say
        <span class="muted small"
          >(${open && !own
            ? 'needed to ask for changes; Markdown'
            : 'Markdown'})</span
        ></label
      >
      <textarea id="body" name="body"></textarea>
      ${open &&
      own &&
      html`<p class="muted small">
        You opened this pull request; somebody else has to approve it.
      </p>`}
      <div class="actions">
        ${open &&
        !own &&
        html`<button class="approve" name="do" value="approve">
            ${icon('check')} Approve</button
          ><button class="reject" name="do" value="reject">
            ${icon('cross')} Request changes
          </button>`}
        <button name="do" value="comment">Comment</button>
        ${mayClose &&
        html`<span class="push"
          >${open
            ? html`<button name="do" value="close">Close pull request</button>`
            : html`<button name="do" value="reopen">
                Reopen pull request
              </button>`}</span
        >`}
      </div>
    </form>
  </section>`;
}

// Beside it

function reviewers(pull: PullRecord, view: PullView): Html {
  const rows = latestReviews(pull).map(record => {
    const name = record.user
      ? who(record.user, view.fullName(record.user))
      : who(view.teamName(record.team ?? 0));
    const chip = {
      APPROVED: html`<span class="chip good">${icon('check')} Approved</span>`,
      REQUEST_CHANGES: html`<span class="chip bad"
        >${icon('cross')} Changes</span
      >`,
    }[record.state as string];
    return html`<li>
      ${name}
      ${(!record.dismissed && chip) ||
      (pull.state === 'open'
        ? html`<span class="chip">${icon('clock')} Waiting</span>`
        : html`<span class="chip">No review</span>`)}
    </li>`;
  });
  return rows.length > 0
    ? html`<ul>
        ${rows}
      </ul>`
    : html`<p class="muted small">Nobody is asked.</p>`;
}

function checks(statuses: StatusRecord[]): Html {
  const kind: Record<string, string> = {
    success: 'good',
    pending: 'warn',
    failure: 'bad',
    error: 'bad',
  };
  return html`<ul>
    ${statuses.map(
      status =>
        html`<li>
          <span title="${status.description}">${status.context}</span>
          <span class="chip ${kind[status.state] ?? ''}">${status.state}</span>
        </li>`,
    )}
  </ul>`;
}

function side(pull: PullRecord, view: PullView): Html {
  return html`<aside class="side" aria-label="About this pull request">
    <section>
      <h2>Reviewers</h2>
      ${reviewers(pull, view)}
    </section>
    ${view.statuses.length > 0 &&
    html`<section>
      <h2>Checks</h2>
      ${checks(view.statuses)}
    </section>`}
    <section>
      <h2>Branch</h2>
      <p class="small">
        <span class="ref">${pull.head}</span> ${!view.facts.headExists &&
        html`<span class="muted">(deleted)</span>`}<br />at
        ${shortId(pull.headCommit)}
      </p>
    </section>
  </aside>`;
}

export function pullPage(
  context: PageContext,
  repository: RepositoryRecord,
  pull: PullRecord,
  view: PullView,
): string {
  const author = who(pull.poster, view.fullName(pull.poster));
  return page(
    context,
    `${pull.title} (#${pull.number}) · ${repository.owner}/${repository.name}`,
    html`${repositoryHead(repository, 'pulls', false)}
      ${view.problem &&
      html`<div class="alert" role="alert">${view.problem}</div>`}
      <div class="title">
        <h1>${pull.title}</h1>
        <span class="number"
          ><span class="sr">number </span>#${pull.number}</span
        >
      </div>
      <div class="meta">
        ${stateChip(pull, true)}<span
          >${author} wants to bring ${plural(view.commits.length, 'commit')}
          from <span class="ref">${pull.head}</span> into
          <span class="ref">${pull.base}</span></span
        >
        <a href="#files"
          >${plural(view.files.length, 'file')}
          ${stat(view.facts.additions, view.facts.deletions)}</a
        >
      </div>
      <div class="columns">
        <div>
          ${comment(
            'description',
            author,
            'opened this',
            pull.createdAt,
            pull.body,
          )}
          ${timeline(pull, view)} ${mergePanel(context, repository, pull, view)}
          ${reviewForm(context, repository, pull, view)}
        </div>
        ${side(pull, view)}
      </div>
      <div class="section">
        <h2>Commits</h2>
        <span class="count">${view.commits.length}</span>
      </div>
      <div class="box">
        <ul class="rows">
          ${view.commits.map(commit => commitRow(repository, commit))}
        </ul>
      </div>
      <div class="section">
        <h2 id="files">Files changed</h2>
        <span class="count">${view.files.length}</span> ${stat(
          view.facts.additions,
          view.facts.deletions,
        )}
      </div>
      ${diffView(view.files)}`,
  );
}
