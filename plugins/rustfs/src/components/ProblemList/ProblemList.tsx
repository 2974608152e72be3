import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { Alert } from '@backstage/ui';
import { withLocalTimes } from '../../lib/time';
import { rustfsTranslationRef } from '../../translation';
import styles from './ProblemList.module.css';

/** Names the parts that are missing from what is shown. Nothing when all is there. */
export function ProblemList(props: { problems: Problem[] }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const problems = distinct(props.problems);
  if (!problems.length) {
    return null;
  }
  return (
    <Alert
      status="warning"
      icon
      title={t('problems.title', { count: problems.length })}
      description={
        <ul className={styles.list}>
          {problems.map(problem => (
            <li key={`${problem.code} ${problem.part} ${problem.message}`}>
              <strong>{problem.part}</strong>:{' '}
              {asSentence(withLocalTimes(problem.message))}
              {problem.hint && ` ${problem.hint}`}
            </li>
          ))}
        </ul>
      }
    />
  );
}

// Messages of parts end with or without a full stop; a hint follows.
function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

// A tenant that is down is named by each part of an answer that needs it.
function distinct(problems: Problem[]): Problem[] {
  const seen = new Map(
    problems.map(problem => [`${problem.part} ${problem.message}`, problem]),
  );
  return [...seen.values()];
}
