import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert } from '@backstage/ui';
import { NextStep } from '../../lib/nextSteps';
import { withLocalTimes } from '../../lib/time';
import { rustfsTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import styles from './StateReason.module.css';

/** Why something is not as it should be, in the words of who says so, and what to do about it. */
export function StateReason(props: {
  status: 'danger' | 'warning' | 'info';
  title: string;
  message?: string;
  nextStep?: NextStep;
}) {
  const { status, title, message, nextStep } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <Alert
      status={status}
      icon
      title={title}
      description={
        <div className={styles.root}>
          {message && <span>{withLocalTimes(message)}</span>}
          {nextStep && <span>{t(`nextStep.${nextStep.words}`)}</span>}
          {nextStep?.command && (
            <CodeBlock
              code={nextStep.command}
              label={t('nextStep.command')}
              copyLabel={t('common.copy')}
            />
          )}
        </div>
      }
    />
  );
}
