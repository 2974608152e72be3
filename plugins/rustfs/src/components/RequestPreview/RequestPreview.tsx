import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  BlueprintFinding,
  FilePreview,
  RequestIssue,
  RequestPreview,
  titledField,
} from '@rustfs-portal/plugin-rustfs-common';
import { Alert, Button, Text, VisuallyHidden } from '@backstage/ui';
import { RiCheckLine } from '@remixicon/react';
import { useId, useRef } from 'react';
import { useFillIn } from '../../hooks/useFillIn';
import { rustfsApiRef } from '../../api';
import { useDebounced } from '../../hooks/useDebounced';
import { useLoaded } from '../../hooks/useLoaded';
import { useTenantOffer } from '../../hooks/useRequestOptions';
import { repositoryName } from '../../lib/buckets';
import { describeError } from '../../lib/errors';
import { FormContent } from '../../kinds';
import { asSentence } from '../../lib/sentences';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { CodeBlock } from '../CodeBlock';
import { Placeholder } from '../Placeholder';
import { DiffView } from '../DiffView';
import { useEntityName } from '../EntityName';
import { FieldNote } from '../FieldNote';
import { StateBadge } from '../StateBadge';
import styles from './RequestPreview.module.css';

const OPERATIONS = {
  create: 'form.fileCreate',
  update: 'form.fileUpdate',
  delete: 'form.fileDelete',
} as const;

/** As long as nobody waits for, and few enough questions for the limit of the backend. */
const TYPING_MS = 700;

/** The request in words, for who is to look at it before it is sent. Empty while there is no pull request to open. */
export type RequestSummary = Record<string, string>;

/** Shows the pull request that a request would open, and works it out anew with every change. */
export function LoadedRequestPreview(props: {
  content: FormContent;
  told: RequestSummary | undefined;
  /** Told once it is worked out, and again when it is not any more. */
  onSummary: (summary: RequestSummary) => void;
}) {
  const { content, told, onSummary } = props;
  const { request } = content;
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const asked = JSON.stringify(request);
  // Fields beside this one are typed into.
  const settled = useDebounced(asked, TYPING_MS);
  const preview = useLoaded(settled, signal =>
    rustfsApi.previewRequest(JSON.parse(settled), { signal }),
  );
  const isSettled = settled === asked;
  const last = useRef<RequestPreview>();
  if (preview.value) {
    last.current = preview.value;
  }
  // An older answer is of no use here: what cannot be shown now must not be asked for.
  const summary = useSummary(
    content,
    isSettled && !preview.error ? preview.value : undefined,
  );
  useFillIn(summary, told ?? {}, onSummary);

  if (preview.error) {
    const { issues, kind, message } = describeError(preview.error);
    const words = kind === 'offline' ? t('error.offline') : message;
    const wasRefused = isRefusal(preview.error);
    return (
      <Alert
        role="alert"
        status="danger"
        icon
        title={wasRefused ? t('form.previewRefused') : t('form.previewFailed')}
        description={
          wasRefused ? <Refusal issues={issues} words={words} /> : words
        }
        customActions={
          <Button
            size="small"
            variant="secondary"
            onPress={preview.reload}
            isPending={preview.isLoading}
          >
            {t('common.retry')}
          </Button>
        }
      />
    );
  }
  // What was shown last stays while the next is worked out, so that the page does not jump.
  const shown = preview.value ?? last.current;
  if (!shown) {
    return (
      <div className={styles.root} role="status">
        <VisuallyHidden>{t('form.previewLoading')}</VisuallyHidden>
        <Placeholder width="60%" height={24} />
        <Placeholder height={48} />
        <Placeholder height={160} />
      </div>
    );
  }
  return (
    <div
      aria-busy={!isSettled || preview.isLoading}
      className={styles.shown}
      data-old={!isSettled || !preview.value}
    >
      <PullRequestPreview preview={shown} />
    </div>
  );
}

function useSummary(
  content: FormContent,
  preview: RequestPreview | undefined,
): RequestSummary {
  const { request, summary } = content;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const service = useEntityName(request.entityRef);
  const offer = useTenantOffer(request);
  if (!preview) {
    return {};
  }
  const { tenant } = request;
  return {
    service,
    tenant:
      offer && offer.title !== tenant ? `${offer.title} (${tenant})` : tenant,
    ...summary(t),
    pullRequest: t('form.previewWhere', {
      repository: repositoryName(preview.repository),
      baseBranch: preview.baseBranch,
    }),
    reviewers: preview.reviewers.length
      ? preview.reviewers.join(', ')
      : t('form.previewNoReviewers'),
  };
}

function PullRequestPreview(props: { preview: RequestPreview }) {
  const { preview } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const reviewed = preview.reviewers.length
    ? t('form.previewReviewers', { reviewers: preview.reviewers.join(', ') })
    : t('form.previewNoReviewers');
  // Who reviews is a guardrail too, and said above them.
  const guardrails = preview.guardrails.filter(words => words !== reviewed);
  return (
    <section className={styles.root} aria-labelledby="rustfs-preview-title">
      <div className={styles.headline}>
        <Text
          as="h3"
          id="rustfs-preview-title"
          variant="title-x-small"
          weight="bold"
        >
          {preview.title}
        </Text>
        <Muted as="p">
          {t('form.previewWhere', {
            repository: repositoryName(preview.repository),
            baseBranch: preview.baseBranch,
          })}
        </Muted>
        <Text as="p">{reviewed}</Text>
        {preview.later?.map(({ repository }) => (
          <Text as="p" key={repository}>
            {t('form.previewSecond', {
              repository: repositoryName(repository),
            })}
          </Text>
        ))}
        {preview.approvers.map(approver => (
          <Approver key={approver.owner} {...approver} />
        ))}
      </div>
      {guardrails.length > 0 && (
        <div>
          <Text as="h4" weight="bold" className={styles.heading}>
            {t('form.previewGuardrails')}
          </Text>
          <ul className={styles.guardrails}>
            {guardrails.map(words => (
              <li key={words}>
                <RiCheckLine size={16} aria-hidden />
                {words}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Findings findings={preview.findings ?? []} />
      <ChangedFiles files={preview.files} />
      {preview.later?.map((later, index) => (
        // Their order is that in which they are opened.
        <LaterPullRequest key={index} later={later} />
      ))}
    </section>
  );
}

/** What has to be known, or done, beside the pull request, with what to copy. */
function Findings(props: { findings: BlueprintFinding[] }) {
  const { findings } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const id = useId();
  if (!findings.length) {
    return null;
  }
  return (
    <section className={styles.findings} aria-labelledby={id}>
      <Text as="h4" id={id} weight="bold" className={styles.heading}>
        {t('form.previewFindings')}
      </Text>
      {findings.map(({ copy, message }) => (
        <div key={message} className={styles.file}>
          <Text as="p">{asSentence(message)}</Text>
          {copy && (
            <>
              <Muted as="p">{copy.title}</Muted>
              <CodeBlock
                code={copy.text}
                label={copy.title}
                copyLabel={t('form.previewCopy', { what: copy.title })}
              />
            </>
          )}
        </div>
      ))}
    </section>
  );
}

/** The pull request of a later stage, in another repository. */
function LaterPullRequest(props: {
  later: NonNullable<RequestPreview['later']>[number];
}) {
  const { baseBranch, files, repository, title } = props.later;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const id = useId();
  return (
    <section className={styles.later} aria-labelledby={id}>
      <div className={styles.headline}>
        <Muted as="p">{t('form.previewNext')}</Muted>
        <Text as="h3" id={id} variant="title-x-small" weight="bold">
          {title}
        </Text>
        <Muted as="p">
          {t('form.previewWhere', {
            repository: repositoryName(repository),
            baseBranch,
          })}
        </Muted>
        <Text as="p">{t('form.previewNextHint')}</Text>
      </div>
      <ChangedFiles files={files} />
    </section>
  );
}

function ChangedFiles(props: { files: FilePreview[] }) {
  const { files } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <>
      <Text as="h4" weight="bold" className={styles.heading}>
        {files.length
          ? t('form.previewFiles', { count: files.length })
          : t('form.previewUnchanged')}
      </Text>
      {files.map(({ path, operation, diff }) => (
        <div key={path} className={styles.file}>
          <div className={styles.path}>
            <code>{path}</code>
            <StateBadge
              tone={operation === 'delete' ? 'warning' : 'neutral'}
              icon={null}
            >
              {t(OPERATIONS[operation])}
            </StateBadge>
          </div>
          <DiffView path={path} diff={diff} />
        </div>
      ))}
    </>
  );
}

/** What is wrong with which field, as the form calls it, and what to do. */
function Refusal(props: { issues: RequestIssue[] | undefined; words: string }) {
  const { issues, words } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const hint = t('form.previewHint');
  if (!issues) {
    return `${asSentence(words)} ${hint}`;
  }
  return (
    <>
      <ul className={styles.issues}>
        {issues.map(({ field, message }) => {
          const titled = titledField(field);
          return (
            <li key={`${field} ${message}`}>
              <strong>{titled ? t(`field.${titled}`) : field}</strong>:{' '}
              {asSentence(message)}
            </li>
          );
        })}
      </ul>
      {hint}
    </>
  );
}

/** Somebody whose bucket is asked for: without them nothing is merged. */
function Approver(props: { owner: string; buckets: string[] }) {
  const { owner, buckets } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <FieldNote tone="warning">
      {t('form.previewApprover', {
        owner: useEntityName(owner),
        buckets: buckets.join(', '),
      })}
    </FieldNote>
  );
}

/** Asking again changes nothing about a refusal; it may about anything else, such as having asked too often. */
function isRefusal(error: Error): boolean {
  const status = (error as { statusCode?: number }).statusCode;
  return (
    status !== undefined && status >= 400 && status < 500 && status !== 429
  );
}
