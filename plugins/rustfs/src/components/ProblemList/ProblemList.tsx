import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Observed, Problem } from '@rustfs-portal/plugin-rustfs-common';
import { Alert } from '@backstage/ui';
import { asSentence } from '../../lib/sentences';
import { withLocalTimes } from '../../lib/time';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import styles from './ProblemList.module.css';

/** Problems after which all that there is can still be shown: something is to be put right, and nothing is missing. */
const NOTHING_MISSING = [
  'annotation-invalid',
  'bucket-not-found',
  'bucket-not-shown',
  'gitops-unreadable',
  'record-misplaced',
  'record-of-other-owner',
  'request-outdated',
  'secret-waiting',
  'settings-unreadable',
  'tenant-not-found',
  'users-unreadable',
];

/** What is as it should be before the first bucket is there. */
const NOTHING_YET = ['tenant-not-shown'];

/** The problems of an entity, apart from those that only say that there is nothing yet. */
export function splitProblems(problems: Problem[]): {
  loud: Problem[];
  quiet: Problem[];
} {
  const isQuiet = ({ code }: Problem) => NOTHING_YET.includes(code);
  return {
    loud: problems.filter(problem => !isQuiet(problem)),
    quiet: problems.filter(isQuiet),
  };
}

/** Says what is missing from what is shown, or old in it, or to be put right. Nothing when all is well. */
export function ProblemList(props: {
  problems: Problem[];
  /** Whether what is shown is old. */
  freshness?: Observed['freshness'];
}) {
  const { freshness } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const problems = distinct(props.problems);
  if (!problems.length) {
    return null;
  }
  return (
    <Alert
      status="warning"
      icon
      title={title()}
      description={<ProblemWords problems={problems} />}
    />
  );

  function title() {
    if (problems.every(({ code }) => NOTHING_MISSING.includes(code))) {
      return t('problems.attention');
    }
    return freshness === 'stale' ? t('problems.old') : t('problems.missing');
  }
}

/** Problems that are no alarm, in small letters. */
export function ProblemNotes(props: { problems: Problem[] }) {
  return (
    <>
      {props.problems.map(({ part, message, hint }) => (
        <Muted key={part} as="p">
          {[asSentence(message), hint].filter(Boolean).join(' ')}
        </Muted>
      ))}
    </>
  );
}

/** The problems themselves, each once. */
export function ProblemWords(props: { problems: Problem[] }) {
  return (
    <ul className={styles.list}>
      {distinct(props.problems).map(problem => (
        <li key={`${problem.code} ${problem.part} ${problem.message}`}>
          <strong>{problem.part}</strong>:{' '}
          {asSentence(withLocalTimes(problem.message))}
          {problem.hint && ` ${problem.hint}`}
        </li>
      ))}
    </ul>
  );
}

// A tenant that is down is named by each part of an answer that needs it.
function distinct(problems: Problem[]): Problem[] {
  const seen = new Map(
    problems.map(problem => [`${problem.part} ${problem.message}`, problem]),
  );
  return [...seen.values()];
}
