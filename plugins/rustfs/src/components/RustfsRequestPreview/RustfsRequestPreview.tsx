import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { RequestPreview } from '@rustfs-portal/plugin-rustfs-common';
import { Alert, Button, Text, VisuallyHidden } from '@backstage/ui';
import { RiCheckLine } from '@remixicon/react';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { repositoryName } from '../../lib/buckets';
import { describeError } from '../../lib/errors';
import { readForm, toRequest } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { Placeholder } from '../Placeholder';
import { DiffView } from '../DiffView';
import { FieldNote } from '../FieldNote';
import { StateBadge } from '../StateBadge';
import styles from './RustfsRequestPreview.module.css';

const OPERATIONS = {
  create: 'form.fileCreate',
  update: 'form.fileUpdate',
  delete: 'form.fileDelete',
} as const;

/** Shows the pull request that the form would open. Has no value of its own. */
export function RustfsRequestPreview(
  props: FieldExtensionComponentProps<string>,
) {
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const request = toRequest(readForm(props.formContext?.formData));
  const preview = useLoaded(request && JSON.stringify(request), signal =>
    rustfsApi.previewRequest(request!, { signal }),
  );

  if (!request) {
    return <FieldNote tone="plain">{t('form.previewIncomplete')}</FieldNote>;
  }
  if (preview.error) {
    const { kind, message } = describeError(preview.error);
    const words = kind === 'offline' ? t('error.offline') : message;
    const wasRefused = isRefusal(preview.error);
    return (
      <Alert
        role="alert"
        status="danger"
        icon
        title={wasRefused ? t('form.previewRefused') : t('form.previewFailed')}
        description={wasRefused ? `${words} ${t('form.previewHint')}` : words}
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
  if (!preview.value) {
    return (
      <div className={styles.root} role="status">
        <VisuallyHidden>{t('form.previewLoading')}</VisuallyHidden>
        <Placeholder width="60%" height={24} />
        <Placeholder height={48} />
        <Placeholder height={160} />
      </div>
    );
  }
  return <PullRequestPreview preview={preview.value} />;
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
      <Text as="h4" weight="bold" className={styles.heading}>
        {preview.files.length
          ? t('form.previewFiles', { count: preview.files.length })
          : t('form.previewUnchanged')}
      </Text>
      {preview.files.map(({ path, operation, diff }) => (
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
    </section>
  );
}

/** Asking again changes nothing about a refusal; it may about anything else. */
function isRefusal(error: Error): boolean {
  const status = (error as { statusCode?: number }).statusCode;
  return status !== undefined && status >= 400 && status < 500;
}

/** The form field `RustfsRequestPreview`. */
export const rustfsRequestPreview = {
  name: 'RustfsRequestPreview',
  component: RustfsRequestPreview,
  schema: makeFieldSchema({ output: z => z.string() }),
};
