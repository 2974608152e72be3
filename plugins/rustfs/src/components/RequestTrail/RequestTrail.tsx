import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  PullRequestCheck,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Link, VisuallyHidden } from '@backstage/ui';
import { RiCheckLine, RiCloseLine, RiLoader4Line } from '@remixicon/react';
import { ReactNode } from 'react';
import { kindOf } from '../../kinds';
import {
  pullOfStage,
  StepStatus,
  TrailStep,
  trailSteps,
} from '../../lib/trail';
import { rootRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { useCaller } from '../RequestActions';
import { RequestApprovals } from '../RequestApprovals';
import { AskAgainButton } from '../RequestButton';
import { TenantLink } from '../TenantLink';
import { TimeText } from '../TimeText';
import styles from './RequestTrail.module.css';

const MARKS: Record<StepStatus, ReactNode> = {
  done: <RiCheckLine size={14} />,
  current: <RiLoader4Line size={14} className={styles.turning} />,
  upcoming: null,
  failed: <RiCloseLine size={14} />,
};

const STATUS_WORDS = {
  done: 'trail.statusDone',
  current: 'trail.statusCurrent',
  upcoming: 'trail.statusUpcoming',
  failed: 'trail.statusFailed',
} as const;

const PULL_WORDS = {
  open: 'trail.open',
  merged: 'trail.pullMerged',
  closed: 'trail.pullClosed',
} as const;

const REMARK_WORDS = {
  approved: 'trail.remarkApproved',
  'changes-requested': 'trail.remarkChanges',
  commented: 'trail.remarkCommented',
} as const;

/** The way of a request: what has happened, when and who says so; what is waited for; what comes then. */
export function RequestTrail(props: {
  request: StorageRequest;
  /** The page that this stands on opens what the request is about; else the lists of the platform do. */
  opensHere?: boolean;
}) {
  const { request, opensHere } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const steps = trailSteps(request);
  return (
    <ol
      className={styles.root}
      aria-label={t('trail.label', { name: request.subject.name })}
    >
      {steps.map((step, index) => (
        <li
          // Steps can be taken again, and only ever come at the end.
          key={index}
          className={styles.step}
          data-status={step.status}
          aria-current={step.status === 'current' ? 'step' : undefined}
        >
          <span className={styles.mark} aria-hidden>
            {MARKS[step.status]}
          </span>
          <div className={styles.words}>
            <div className={styles.title}>
              <StepTitle step={step} request={request} />
              <VisuallyHidden>{t(STATUS_WORDS[step.status])}</VisuallyHidden>
              {step.event && <StepSource step={step} />}
            </div>
            <StepMessage
              step={step}
              request={request}
              isLast={index === steps.length - 1}
              opensHere={opensHere}
            />
          </div>
        </li>
      ))}
    </ol>
  );
}

function StepTitle(props: { step: TrailStep; request: StorageRequest }) {
  const { step, request } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const pullRequest = pullOfStage(request, step.stage);
  const isAgain = step.id === 'requested' && Boolean(step.event?.actor);
  const isOneOfMany = request.stages > 1;
  const place = t('trail.stage', {
    stage: String(step.stage),
    stages: String(request.stages),
  });
  if (step.id !== 'pullRequest' || !pullRequest) {
    const link = step.status === 'upcoming' ? undefined : step.event?.link;
    return (
      <span>
        {t(isAgain ? 'trail.takenUp' : `trail.${step.id}`)}
        {isOneOfMany && step.id === 'pullRequest' && ` ${place}`}
        {/* The step of the pull request links to it already. */}
        {link && link.url !== pullRequest?.url && (
          <>
            {' '}
            {!link.url && isOfTenant(step) ? (
              <TenantLink tenantRef={request.subject.tenant} />
            ) : (
              <StepLink link={link} />
            )}
          </>
        )}
      </span>
    );
  }
  const { number, url, state, repository } = pullRequest;
  const words = [
    ...(isOneOfMany ? [place, repository] : []),
    ...(isOneOfMany || (state === 'open' && step.status === 'current')
      ? [t(PULL_WORDS[state])]
      : []),
  ].filter(Boolean);
  return (
    <span>
      <Link href={url} target="_blank">
        {t('trail.pullRequestNumber', { number: String(number) })}
        <VisuallyHidden> {t('common.newTab')}</VisuallyHidden>
      </Link>
      {words.length > 0 && (
        <span className={styles.note}> ({words.join(' · ')})</span>
      )}
    </span>
  );
}

/** The step happened on the tenant. */
function isOfTenant({ event }: TrailStep) {
  const ofTenant: Array<string | undefined> = [
    'operator',
    'setup-program',
    'server',
  ];
  return ofTenant.includes(event?.source);
}

function StepLink(props: { link: { title: string; url?: string } }) {
  const { title, url } = props.link;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return url ? (
    <Link href={url} target="_blank">
      {title}
      <VisuallyHidden> {t('common.newTab')}</VisuallyHidden>
    </Link>
  ) : (
    <code className={styles.reference}>{title}</code>
  );
}

function StepSource(props: { step: TrailStep }) {
  const { event, status } = props.step;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!event || status === 'upcoming') {
    return null;
  }
  return (
    <span className={styles.source}>
      <TimeText at={event.at} /> · {t(`source.${event.source}`)}
    </span>
  );
}

function StepMessage(props: {
  step: TrailStep;
  request: StorageRequest;
  isLast: boolean;
  opensHere?: boolean;
}) {
  const { step, request, isLast, opensHere } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (step.id === 'failed' && isLast && request.failure) {
    const { reason, message, hint, remedy, command } = request.failure;
    return (
      <>
        <div className={styles.failure}>
          <p>
            <strong>{reason}</strong>: {message}
          </p>
          <p>
            <strong>{t('trail.meaning')}</strong>: {hint}
          </p>
          {command && (
            <CodeBlock
              code={command}
              label={t('trail.command')}
              copyLabel={t('common.copy')}
            />
          )}
        </div>
        {remedy && (
          <div className={styles.again}>
            <AskAgainButton request={request} />
          </div>
        )}
      </>
    );
  }
  if (isLast && (step.id === 'closed' || step.id === 'withdrawn')) {
    return (
      <>
        <p className={styles.message}>
          {t(step.id === 'closed' ? 'trail.closedHint' : 'trail.withdrawnHint')}
        </p>
        <Remarks request={request} />
        <div className={styles.again}>
          <AskAgainButton request={request} />
        </div>
      </>
    );
  }
  if (step.status === 'current') {
    return (
      <>
        {request.pullRequest?.note && step.id === 'pullRequest' && (
          <p className={styles.message}>{request.pullRequest.note}</p>
        )}
        {step.id === 'pullRequest' && (
          <>
            <Checks checks={request.pullRequest?.checks} />
            <Remarks request={request} />
          </>
        )}
        {request.waitingFor && (
          <p className={styles.waiting}>
            {step.id === 'pullRequest' && request.pullRequest && (
              <>
                <strong>{t('trail.next')}</strong>:{' '}
              </>
            )}
            {request.waitingFor}
          </p>
        )}
        {step.id === 'pullRequest' && (
          <>
            <RequestApprovals request={request} />
            <YourTurn request={request} />
          </>
        )}
        {request.stalled && (
          <p className={styles.stalled}>
            <strong>{t('requestState.stalled')}</strong>: {request.stalled}
          </p>
        )}
      </>
    );
  }
  if (step.id === 'pullRequest' && step.status === 'upcoming') {
    return step.stage > 1 ? (
      <p className={styles.message}>{t('trail.opensLater')}</p>
    ) : null;
  }
  // Who asked is said beside the trail, by name.
  if (
    step.status === 'upcoming' ||
    (step.id === 'requested' && !step.event?.actor)
  ) {
    return null;
  }
  return (
    <>
      {step.event?.message && (
        <p className={styles.message}>{step.event.message}</p>
      )}
      {step.id === 'ready' && (
        <EndLink request={request} opensHere={opensHere} />
      )}
    </>
  );
}

/** The checks that keep reviewers waiting, in the words of those who run them. */
function Checks(props: { checks?: PullRequestCheck[] }) {
  const { checks } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!checks?.length) {
    return null;
  }
  return (
    <ul className={styles.checks} aria-label={t('trail.checks')}>
      {checks.map(({ name, state, description, url }, index) => (
        // Two may have the same name when it was cut.
        <li key={index}>
          {url ? <StepLink link={{ title: name, url }} /> : name}{' '}
          <span className={styles.checkState} data-state={state}>
            {t(
              state === 'failing' ? 'trail.checkFailing' : 'trail.checkPending',
            )}
          </span>
          {description && `: ${description}`}
        </li>
      ))}
    </ul>
  );
}

/** What reviewers wrote, in their words. */
function Remarks(props: { request: StorageRequest }) {
  const { pullRequest } = props.request;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!pullRequest?.remarks?.length) {
    return null;
  }
  return (
    <ul className={styles.remarks} aria-label={t('trail.remarks')}>
      {pullRequest.remarks.map(
        ({ by, at, text, url, verdict, isOutdated }, index) => (
          <li key={index} data-verdict={verdict}>
            <div className={styles.remarkHead}>
              <strong>{pullRequest.fullNames?.[by] ?? by}</strong>{' '}
              {t(REMARK_WORDS[verdict])}
              {isOutdated && ` (${t('trail.remarkOutdated')})`}
              {at && (
                <>
                  {' '}
                  · <TimeText at={at} />
                </>
              )}
              {url && (
                <>
                  {' '}
                  <StepLink link={{ title: t('trail.remarkLink'), url }} />
                </>
              )}
            </div>
            <p className={styles.remark}>{text}</p>
          </li>
        ),
      )}
    </ul>
  );
}

/** Tells the one who asked that nothing moves until they act. */
function YourTurn(props: { request: StorageRequest }) {
  const { pullRequest, requestedBy } = props.request;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const caller = useCaller();
  return pullRequest?.turn === 'author' && caller === requestedBy ? (
    <p className={styles.stalled}>{t('trail.yourTurn')}</p>
  ) : null;
}

/** What comes after the last step: using what was asked for. */
function EndLink(props: { request: StorageRequest; opensHere?: boolean }) {
  const { request, opensHere } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const root = useRouteRef(rootRouteRef)?.();
  const end = kindOf(request).end?.(t);
  // A tenant is opened nowhere but on the page of the platform.
  const isHere = opensHere && end?.page !== 'tenants';
  if (!end || (root === undefined && !isHere)) {
    return null;
  }
  const { id, label, page, parameter } = end;
  const query = `?${parameter}=${encodeURIComponent(id)}`;
  return (
    <p>
      <Link href={isHere ? query : `${root}/${page}${query}`}>{label}</Link>
    </p>
  );
}
