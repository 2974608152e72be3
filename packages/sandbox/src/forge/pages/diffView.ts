import { DiffFile, DiffLine } from './diff';
import { Html, html } from './html';
import { stat } from './layout';

/** Longer diffs of one file are closed at first. */
const OPEN_UP_TO_LINES = 600;
const SHOWN_LINES = 5000;

const MARKS: Record<string, string> = { added: '+', removed: '−', context: '' };

function line(item: DiffLine): Html {
  if (item.kind === 'hunk' || item.kind === 'note') {
    return html`<tr class="${item.kind}">
      <td colspan="4">${item.text}</td>
    </tr>`;
  }
  const spoken =
    item.kind === 'context'
      ? false
      : html`<span class="sr">${item.kind}: </span>`;
  return html`<tr class="${item.kind}">
    <td class="n">${item.before ?? ''}</td>
    <td class="n">${item.after ?? ''}</td>
    <td class="m" aria-hidden="true">${MARKS[item.kind]}</td>
    <td class="t">${spoken}${item.text}</td>
  </tr>`;
}

/** The changes of several files, file by file, with colours and signs. */
export function diffView(files: DiffFile[]): Html {
  if (files.length === 0) {
    return html`<div class="box">
      <p class="empty">No files are changed.</p>
    </div>`;
  }
  return html`${files.map(
    (file, index) => html`<section
      class="box diff"
      id="file-${index}"
      aria-label="${file.path}"
    >
      <details ${file.lines.length <= OPEN_UP_TO_LINES && html`open`}>
        <summary>
          <span class="path"
            >${file.previousPath && `${file.previousPath} → `}${file.path}</span
          >
          ${file.note && html`<span class="chip">${file.note}</span>`}
          ${stat(file.additions, file.deletions)}
        </summary>
        <div
          class="scroll"
          tabindex="0"
          role="region"
          aria-label="Changes of ${file.path}"
        >
          <table class="lines">
            ${file.lines.slice(0, SHOWN_LINES).map(line)}
            ${file.lines.length > SHOWN_LINES &&
            line({
              kind: 'note',
              text: `${
                file.lines.length - SHOWN_LINES
              } more lines are not shown`,
            })}
          </table>
        </div>
      </details>
    </section>`,
  )}`;
}
