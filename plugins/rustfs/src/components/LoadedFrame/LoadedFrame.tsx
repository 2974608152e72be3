import { Observed, Problem } from '@rustfs-portal/plugin-rustfs-common';
import { ReactNode } from 'react';
import { Loaded } from '../../hooks/useLoaded';
import { describeError } from '../../lib/errors';
import { ErrorPanel } from '../ErrorPanel';
import { ProblemList } from '../ProblemList';
import styles from './LoadedFrame.module.css';

/** Puts what went wrong above what was loaded, or in its place where nothing was. */
export function LoadedFrame(props: {
  loaded: Loaded<unknown>;
  permission: string;
  problems?: Problem[];
  /** Whether what is shown is old. */
  freshness?: Observed['freshness'];
  children: ReactNode;
}) {
  const { loaded, permission, problems = [], freshness, children } = props;
  const { value, error, reload, isLoading } = loaded;
  const isRefused = error && describeError(error).kind === 'not-allowed';
  const isShown = !isRefused && (value !== undefined || !error);
  return (
    <div className={styles.root}>
      {error && (
        <ErrorPanel
          error={error}
          onRetry={reload}
          isRetrying={isLoading}
          permission={permission}
          isStale={isShown}
        />
      )}
      {isShown && <ProblemList problems={problems} freshness={freshness} />}
      {isShown && children}
    </div>
  );
}
