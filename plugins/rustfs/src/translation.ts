import { createTranslationRef } from '@backstage/frontend-plugin-api';
import { FIELD_TITLES } from '@rustfs-portal/plugin-rustfs-common';

/**
 * Everything that the RustFS plugin says. Languages are added with a `TranslationBlueprint`.
 *
 * @public
 */
export const rustfsTranslationRef = createTranslationRef({
  id: 'rustfs',
  messages: {
    common: {
      copy: 'Copy',
      copied: 'Copied',
      copyFailed: 'Could not copy: select the text and copy it by hand',
      retry: 'Try again',
      none: 'none',
      unknown: 'unknown',
      yes: 'yes',
      no: 'no',
      asOf: 'As of {{time}}',
      staleAsOf: 'Last known as of {{time}}',
      scrollTable: 'There are more columns: scroll the table sideways.',
      loading: 'Loading',
      all: 'All',
      newTab: '(opens in a new tab)',
    },
    error: {
      title: 'This could not be loaded',
      offline:
        'The portal’s backend did not answer. Check your connection, then try again.',
      stale: 'This is the last answer; the newest could not be loaded',
      requestId: 'Request id: {{id}}',
      notFound: 'Not found',
      notAllowedTitle: 'You may not see this',
      notAllowed:
        'It takes the permission {{permission}}. Whoever looks after the permission policy of this portal can grant it to you.',
      notAllowedOn:
        'It takes the permission {{permission}} on {{entityRef}}. The team that owns it usually has it; whoever looks after the permission policy of this portal can grant it to you.',
    },
    problems: {
      missing: 'Some data is missing',
      old: 'Some data is old or missing',
      attention: 'Something needs to be fixed',
    },
    storage: {
      title: 'Storage',
      tenants_one: 'Tenant',
      tenants_other: 'Tenants',
      bucketsTitle: 'Buckets',
      requestsTitle: 'Requests',
      empty: 'No buckets yet.',
      emptyTenant: 'No buckets that you may see.',
      noneShown: 'No bucket can be shown.',
      emptyHint: 'Ask for the first one: it takes a name and a short form.',
      emptyNotAllowed:
        'You may not ask for one: it takes the permission {{permission}}.',
      openTab: 'Open storage',
      openRequests_one: '{{count}} request under way',
      openRequests_other: '{{count}} requests under way',
      moreBuckets_one: 'and one more bucket',
      moreBuckets_other: 'and {{count}} more buckets',
    },
    annotate: {
      title: 'This entity does not say where its storage is',
      body: 'Add these lines to its catalog-info.yaml, or ask for a bucket: the portal then finds it by itself.',
      suggested:
        'They are filled with what looks right. Check the names before you commit.',
      yaml: 'Annotations to add',
    },
    request: {
      button: 'Request bucket',
      storage: 'Request bucket with access',
      askAgain: 'Ask again',
      askForAnother: 'Ask under another name',
      notAllowed:
        'You may not ask for buckets here: it takes the permission {{permission}} on this entity. Its owners usually have it.',
      noTemplate:
        'The request form is not installed: this portal has no software templates page.',
    },
    finding: {
      missing: '{{bucket}} was there and is gone from the server',
      failed: '{{bucket}} failed: {{reason}}',
      full: '{{bucket}} uses {{percent}} of its quota',
      drift: '{{bucket}} is not set as declared: {{fields}}',
      unreachable: 'Tenant {{tenant}} does not answer',
      none: 'Nothing to fix',
    },
    bucket: {
      name: 'Name',
      tenant: 'Tenant',
      size: 'Size',
      objects: 'Objects',
      versioning: 'Versioning',
      lock: 'Object lock',
      lockColumn: 'Lock',
      state: 'State',
      owner: 'Owner',
      quota: 'Quota',
      noQuota: 'no quota',
      noOwner: 'no owner',
      ofQuota: '{{used}} of {{quota}}',
      notMeasured: 'not measured yet',
      search: 'Search buckets',
      noMatch: 'No bucket matches.',
      drifted: 'differs',
      usageLabel: 'Use of the quota of {{name}}',
      created: 'Created',
      entity: 'For',
      purpose: 'Purpose',
      dataClass: 'Data class',
      exists: 'Exists',
      request: 'Request',
      openRequest: 'Open the request',
      access: 'Access',
      noAccess: 'nobody',
      moreAccesses_one: 'and one more',
      moreAccesses_other: 'and {{count}} more',
      raiseQuota: 'Raise quota',
      raiseQuotaWhy: 'Nearly full: {{used}} of {{quota}}',
    },
    raise: {
      buttonLabel: 'Raise the quota of {{name}}',
      title: 'Raise the quota of {{name}}',
      now: 'Now {{quota}}, of which {{used}} are used.',
      reason: 'Reason',
      reasonHint: 'Why, in a few words: the reviewers read it.',
      incomplete: 'Fill in the quota and the reason to see the pull request.',
      failed: 'This could not be asked for',
      send: 'Open pull request',
    },
    versioning: { enabled: 'on', suspended: 'suspended', off: 'off' },
    bucketState: {
      ready: 'Ready',
      pending: 'Pending',
      failed: 'Failed',
      missing: 'Missing',
      undeclared: 'Not declared',
      unknown: 'Unknown',
    },
    bucketStateHelp: {
      ready: 'Declared in Git and on the server.',
      pending: 'Declared in Git, not on the server yet.',
      failed: 'The operator could not make it so.',
      missing: 'It was ready and is gone from the server.',
      undeclared: 'On the server, but no Git repository declares it.',
      unknown: 'The server does not answer, so its state is not known.',
    },
    driftField: {
      quota: 'quota',
      versioning: 'versioning',
      objectLock: 'object lock',
      existence: 'existence',
    },
    detail: {
      declaredBesideLive: 'Declared and live',
      setting: 'Setting',
      declared: 'Declared in Git',
      live: 'On the server',
      driftTitle_one: 'One setting differs from what Git declares',
      driftTitle_other: '{{count}} settings differ from what Git declares',
      driftHint:
        'Someone has changed it on the server. If it stays so, the rules of this portal leave it: change the declaration in Git instead, or ask the platform team to set the server back.',
      driftQuota: 'Quota: Git declares {{declared}}, the server has {{live}}',
      driftVersioning:
        'Versioning: Git declares {{declared}}, the server has {{live}}',
      driftObjectLock:
        'Object lock: Git declares {{declared}}, the server has {{live}}',
      driftExistence:
        'The bucket: Git declares {{declared}}, the server has {{live}}',
      notDeclared: 'not declared',
      nearlyFull:
        'Once it is full, writes are refused. Delete what is not needed, or ask for a higher quota.',
      about: 'About',
      connect: 'Connect',
    },
    connect: {
      intro:
        'S3 with path-style addresses. Keys are never shown here: they are in the Secret that your service was given.',
      introSecret:
        'S3 with path-style addresses. The key is in the Secret below; it is never shown here.',
      noAccess: 'This service has no key for this bucket yet.',
      access: 'With the access',
      secret: 'Secret',
      namespace: 'Namespace',
      keys: 'Keys of the Secret',
      ownForm: 'as the form {{form}} of this portal has them',
      copySecret: 'Copy the name of the Secret',
      endpoint: 'Endpoint',
      region: 'Region',
      addressing: 'Addressing',
      pathStyle: 'path style',
      noEndpoint:
        'The address of tenant {{tenant}} is not known at present, so the snippets hold a placeholder.',
      snippets: 'Snippets',
      copySnippet: 'Copy the {{name}} snippet',
      copyEndpoint: 'Copy the endpoint',
      environment: 'Environment',
    },
    nextStep: {
      command: 'Command that makes the operator try again',
      bucketFailed:
        'Ask the platform team to fix what the message names. The operator does not try again by itself; after that, this command makes it try.',
      bucketLockConflict:
        'A bucket of that name was there before, without object lock, and object lock cannot be added. Ask for another name, or have the old bucket removed first.',
      bucketMissing:
        'Ask the platform team before anything else changes: the operator makes the bucket again the next time it works on this tenant, but empty.',
      bucketNotListed:
        'Ask the platform team to declare it in Git again, or to remove what is left of it there.',
      bucketUndeclared:
        'It can be used. So that it is kept as it is, ask the platform team to declare it in Git.',
      bucketPending: 'Nothing to do: it shows here by itself when it is there.',
      bucketNotMeasured:
        'Nothing to do: a new bucket gets its quota once the server has measured it, and can be used until then.',
      bucketDrifted:
        'Someone has changed it on the server. Ask the platform team to set it back there, or to change the declaration in Git.',
      accessFailed:
        'Ask the platform team to fix what the message names. The operator does not try again by itself; after that, this command makes it try.',
      accessMissing:
        'Ask the platform team: this command makes the operator make its user again, with the same key.',
      accessPending: 'Nothing to do: it shows here by itself when it is done.',
      accessDisabled:
        'Ask the platform team: someone disabled its user on the server, and can enable it again.',
      accessNotEnded:
        'Ask the platform team at once to disable its user on the server.',
      accessNotListed:
        'Ask the platform team to declare its user in Git again, or to remove what is left of it there.',
      serverAway:
        'Nothing to do here: what is known comes back with the server. The platform team sees to the server.',
      clusterAway:
        'Nothing to do here: it shows again when the cluster answers. The platform team sees to the cluster.',
      noAccess:
        'The platform team can give the portal a user on this tenant: rustfs.tenants in its configuration.',
      tenantAway:
        'What is known of it shows here again by itself when the server is back.',
      tenantDrives:
        'Buckets can be used. See which Pods and drives are away, and bring them back.',
      tenantItem:
        'Fix what the message names. The operator does not try again by itself; after that, this command makes it try. What was there before works on.',
      tenantBlocked:
        'Fix what the message names in the Tenant or its Secrets. What was there before works on.',
      tenantWorking: 'Nothing to do: the operator is at work.',
      tenantWorkload:
        'See what Kubernetes says of the Pods of what runs it: the message names it.',
      accessDrifted:
        'Someone has changed its user or its policy on the server. Ask the platform team to set it back there, or to declare in Git that it is mended by itself.',
      policyNotOurs:
        'A policy of that name was on the server before. Ask the platform team to take it off there, or ask for the access under another name.',
      setupFailed:
        'The message says what is wrong. Ask the platform team to fix it; it is tried again by itself every minute.',
      tenantNotFound:
        'Compare the name with the Tenants in the cluster, and with rustfs.tenants in the configuration of the portal.',
    },
    tenant: {
      title: 'Tenants',
      name: 'Tenant',
      state: 'State',
      capacity: 'Capacity',
      ofCapacity: '{{used}} of {{total}}',
      drives: 'Drives',
      drivesOnline: '{{online}} of {{total}}',
      buckets: 'Buckets',
      objects: 'Objects',
      version: 'Version',
      source: 'Declared in',
      observed: 'Observed',
      stale: 'stale',
      search: 'Search tenants',
      empty: 'No tenants. Add one under rustfs.clusters in the configuration.',
      noMatch: 'No tenant matches.',
      capacityLabel: 'Use of the capacity of {{name}}',
      endpoint: 'Endpoint',
      endpointInCluster: 'Endpoint in its cluster',
      copyInCluster: 'Copy the endpoint in its cluster',
      console: 'Console',
      workload: 'Runs as',
      installedBy: 'Installed by',
      installed: '{{name}}, chart {{chart}}: {{state}}',
      release: {
        ready: 'released',
        releasing: 'being released',
        failing: 'fails',
        'rolled-back': 'failed and rolled back',
        remediated: 'failed and undone',
        suspended: 'suspended',
        unknown: 'state unknown',
      },
      repository: 'Repository',
      branch: 'Branch',
      path: 'Path',
      appliedBy: 'Applied by',
      revision: 'Last applied',
      notDeclared: 'no GitOps source found',
      enable: 'Enable self-service',
    },
    obstacle: {
      title: 'No buckets can be asked for here',
      brief: 'no requests',
      tenantMissing:
        'The cluster has no Tenant of that name, so Git declares no list of its buckets. They can be asked for where the RustFS operator runs the tenant.',
      setupMissing:
        'It has no setup folder in namespace {{namespace}}, so nothing declares storage for it. Your platform team switches that on once.',
      declaredTwice:
        'Two places declare its storage, or it has one place with another tenant, so neither counts. A problem in the list of tenants says which ones.',
      notTracked:
        'It has no marks of a Flux Kustomization or an Argo CD Application, so nothing says where Git declares it.',
      engineUnsupported:
        'It is applied by {{appliedBy}}, which the portal does not change. Buckets can be asked for where a Flux Kustomization or an Argo CD Application applies the Tenant from a Git repository.',
      versionUnsupported:
        'It is applied from {{object}}, but the cluster serves that kind as {{served}} only, not as {{needed}}: Flux 2.0 or newer is needed.',
      kindUnknown:
        'Its marks name {{object}}, but the cluster does not know that kind: its GitOps engine runs in another cluster. Name that one as gitops.cluster in rustfs.clusters.',
      objectMissing:
        'It is applied from {{object}}, which is not in the cluster.',
      objectUnreadable:
        'It is applied from {{object}}, which cannot be read: something in it is not as its engine declares it.',
      destinationElsewhere:
        'It is applied from {{object}}, which applies into {{destination}}. Name that in gitops.destinations of the cluster in rustfs.clusters, if it is the same.',
      renderUnsupported:
        '{{appliedBy}} makes it of a {{render}}, which the portal does not change. Storage can be asked for where a folder of manifests declares it.',
      sourceUnclear:
        '{{appliedBy}} has several folders, and does not say from which one it is. Give what the portal declares an Application of its own.',
      sourceUnsupported:
        '{{appliedBy}} applies it from {{source}}. A change can only be proposed where that is a GitRepository.',
      fixed: {
        commit:
          '{{source}} is pinned to commit {{to}}, and nothing can be merged into that: it needs to follow a branch.',
        tag: '{{source}} is pinned to tag {{to}}, and nothing can be merged into that: it needs to follow a branch.',
        semver:
          '{{source}} follows released versions ({{to}}), and nothing can be merged into those: it needs to follow a branch.',
        other:
          '{{source}} follows {{to}}, and nothing can be merged into that: it needs to follow a branch.',
      },
      folderIncluded:
        'Its folder {{folder}} comes from {{included}}, which {{source}} includes: a Kustomization of that repository needs to apply it.',
      folderOutside:
        'The path {{path}} of {{appliedBy}} has ".." in it, so its folder cannot be told: write it from the root of the repository.',
      forgeUnknown:
        'No forge is configured for {{repository}}: add it to rustfs.forges, or this address to its gitUrls.',
    },
    tenantState: {
      ready: 'Ready',
      reconciling: 'Reconciling',
      degraded: 'Degraded',
      blocked: 'Blocked',
      unreachable: 'Down',
      unknown: 'Unknown',
      oneItemFailed: 'One item failed',
    },
    tenantStateHelp: {
      ready: 'The operator is done and the server answers.',
      reconciling: 'The operator is at work.',
      degraded: 'It works, with less than it should have.',
      blocked: 'The operator waits for something that a person has to fix.',
      unreachable: 'The server does not answer.',
      unknown: 'Nothing is known about it at present.',
      oneItemFailed:
        'One thing that was asked for here could not be made. The buckets that are there work.',
    },
    requestState: {
      submitting: 'Opening',
      proposed: 'In review',
      merged: 'Merged',
      applied: 'Applied',
      ready: 'Ready',
      failed: 'Failed',
      closed: 'Closed',
      withdrawn: 'Withdrawn',
      stalled: 'Stalled',
    },
    requests: {
      empty: 'No requests.',
      emptyHint: 'A request starts on the Storage tab of a service.',
      filter: 'Show',
      filterAll: 'All',
      filterOpen: 'Under way',
      filterFailed: 'Failed',
      filterDone: 'Done',
      mine: 'Only mine',
      showMore: 'Show more',
      shown: '{{shown}} of {{total}}',
      subject: 'What',
      entity: 'For',
      state: 'State',
      waitingFor: 'Status',
      asked: 'Requested',
      back: 'All requests',
      what: 'What was asked for',
      trail: 'Trail',
      id: 'Request',
      open: 'Open the request for {{name}}',
      isClosed: 'Nothing was changed',
      declaredIn: 'Declared in',
      askedByLabel: 'Requested by',
      askedAt: 'Requested',
      updated: '{{name}}: {{state}}',
      live: 'Changes show here by themselves.',
    },
    trail: {
      label: 'Steps of the request for {{name}}',
      requested: 'Requested',
      pullRequest: 'Pull request',
      pullRequestNumber: 'Pull request #{{number}}',
      merged: 'Merged',
      applied: 'Applied',
      ready: 'Ready',
      failed: 'Failed',
      closed: 'Closed without merge',
      withdrawn: 'Withdrawn',
      open: 'open',
      pullMerged: 'merged',
      pullClosed: 'closed',
      stage: '{{stage}} of {{stages}}',
      stageNote: 'Pull request {{stage}} of {{stages}}',
      inEffect: 'In effect',
      opensLater: 'The portal opens it once the one before is in effect.',
      checks: 'Checks that have not passed',
      checkFailing: 'is failing',
      checkPending: 'is not over',
      next: 'Next',
      connect: 'Connect to {{name}}',
      openBucket: 'Open the bucket {{name}}',
      openAccess: 'Open the access {{name}}',
      openTenant: 'Open the tenant {{name}}',
      statusDone: 'done',
      statusCurrent: 'current step',
      statusUpcoming: 'not yet',
      statusFailed: 'failed',
      stalled: 'Nothing has moved for longer than is usual',
      meaning: 'What to do',
      closedHint:
        'The pull request was closed without being merged; nothing was changed. Its reviewers know why.',
      withdrawnHint: 'Nothing was changed. The name is free again.',
      takenUp: 'Taken up again',
      command: 'Command for the platform team',
      yourTurn:
        'It is your turn: talk to the reviewer in the pull request, or withdraw the request and ask again.',
      remarks: 'What reviewers say',
      remarkApproved: 'approved',
      remarkChanges: 'asked for changes',
      remarkCommented: 'commented',
      remarkOutdated: 'about an earlier state',
      remarkLink: 'Open',
    },
    approvals: {
      label: 'What is still needed',
      trusted:
        'No approval is needed: the guardrails trust the team with this.',
      anybody: 'Waiting for approval by somebody other than the one who asked',
      owner: 'Waiting for approval by {{owner}}',
      ownerOf: 'Waiting for approval by {{owner}}, for {{buckets}}',
      yours:
        'Your approval is needed for {{buckets}}: approve the pull request, or ask for changes there.',
      guardrails:
        'The guardrails do not allow it any more: {{reasons}}. Withdraw it and ask again, or ask the platform team.',
      commit:
        'Commit {{commit}} on its branch is not the portal’s, so nobody can say what would be merged.',
      ignoredUnmatched:
        '{{login}} has approved, but the portal does not know whose account that is. The platform team can tell it.',
      ignoredAsked:
        '{{login}} has approved and has asked for it, so somebody else has to approve.',
      ignoredReadOnly:
        '{{login}} has approved, but may not approve in this repository.',
      ignoredOther: '{{login}} has approved for another team.',
    },
    actions: {
      cancel: 'Cancel',
      withdraw: 'Withdraw request',
      withdrawHint:
        'The pull request is closed and the name is free again. You can take the request up again later.',
      reopen: 'Take up again',
      reopenHint: 'The same pull request is opened again for review.',
      foreign:
        'Commit {{commit}} of {{by}} is on the branch of this request. The portal does not write over it.',
      keepCommit: 'Keep the commit',
      keepCommitHint:
        'The branch stays as it is. If it can no longer be merged, somebody has to mend it in the pull request.',
      replaceCommit: 'Propose anew',
      replaceCommitHint:
        'The branch is written anew with what was asked for. That commit is no longer on it.',
    },
    kind: {
      bucketCreate: {
        title: 'New bucket',
        ready: 'The bucket can be used',
      },
      bucketChange: {
        title: 'New quota',
        ready: 'The new quota is set',
        quota: 'New quota',
      },
      accessCreate: {
        title: 'New access',
        ready: 'The key works',
        newBucket: 'New bucket',
      },
      accessRevoke: {
        title: 'End of an access',
        ready: 'The key has stopped working',
      },
      setupEnable: {
        title: 'Self-service for a tenant',
        ready: 'Storage can be asked for on the tenant',
        folder: 'Folder of the records',
        beside: 'beside what installs the server',
        ofService: 'that of its Service',
        key: 'Secret with the key',
        network: 'Network policy',
        noNetwork: 'none',
        ca: 'Certificates in',
      },
      unknown: { ready: 'All is there' },
    },
    access: {
      title: 'Access',
      name: 'Access',
      entity: 'Used by',
      buckets: 'Buckets',
      mode: 'May',
      secret: 'Secret',
      place: '{{cluster}}/{{namespace}}',
      age: 'Since',
      since: 'Requested',
      ended: 'End requested',
      actions: 'Actions',
      search: 'Search accesses',
      noMatch: 'No access matches.',
      count_one: '{{count}} access',
      count_other: '{{count}} accesses',
      empty: 'No access yet.',
      emptyHint:
        'A service needs one to use a bucket: it comes with a Secret that has the key.',
      noneShown: 'No access can be shown.',
      noneToSee: 'No access that you may see.',
      noneToSeeHint: 'Ask for one on the Storage tab of a service.',
      lost: '{{access}} is not among the accesses that you may see',
      lostHint:
        'An access that is new shows here by itself, within a minute. Otherwise it is gone, or belongs to another team.',
      button: 'Request access',
      requestNotAllowed:
        'You may not ask for access here: it takes the permission {{permission}} on this entity. Its owners usually have it.',
      revoke: 'Revoke',
      revokeLabel: 'Revoke the access {{name}}',
      public: 'public',
      stillOpen: 'Its buckets can still be read',
      stillOpenHint:
        'Anybody may read {{buckets}}, so this access could too after its end. The platform team can close them.',
      driftTitle_one: 'One thing differs from what Git declares',
      driftTitle_other: '{{count}} things differ from what Git declares',
      drift: '{{field}}: Git declares {{declared}}, the server has {{live}}',
    },
    accessDrift: {
      status: 'Status',
      policies: 'Policies',
      groups: 'Groups',
      existence: 'The user',
    },
    accessFilter: {
      active: 'Not ended',
      attention: 'Needs attention',
      old: 'Older than a year',
      revoked: 'Ended',
    },
    accessState: {
      ready: 'Ready',
      pending: 'Pending',
      ending: 'Ending',
      failed: 'Failed',
      missing: 'Missing',
      revoked: 'Ended',
      unknown: 'Unknown',
    },
    accessStateHelp: {
      ready: 'The server has its user, with exactly what was asked for.',
      pending: 'Declared in Git, not on the server yet.',
      ending: 'Its end is declared in Git; the key may still work.',
      failed: 'It is not on the server as it should be.',
      missing: 'Its user was there and is gone from the server.',
      revoked: 'Its key does not work any more.',
      unknown: 'The server does not answer, so its state is not known.',
    },
    accessModeWords: {
      read: 'May read and list {{buckets}}; nothing else.',
      write:
        'May write and delete in {{buckets}}, and neither read nor list; nothing else.',
      'read-write':
        'May read, list, write and delete in {{buckets}}; nothing else.',
      own: 'On {{buckets}}: {{description}}; nothing else.',
    },
    accessMode: {
      read: 'read',
      write: 'write',
      'read-write': 'read and write',
    },
    source: {
      portal: 'portal',
      forge: 'forge',
      flux: 'Flux',
      secrets: 'secrets controller',
      argocd: 'Argo CD',
      engine: 'GitOps engine',
      operator: 'operator',
      'setup-program': 'setup program',
      server: 'server',
    },
    form: {
      needsEntity: 'Choose first what it is for.',
      needsTenant: 'Choose a tenant first.',
      loadFailed: 'What you may ask for could not be loaded: {{message}}',
      tenantLabel: 'Tenant',
      tenantDescription: 'The storage that it is on.',
      tenantUnavailable: '{{tenant}}: {{reason}}',
      noSetupTenants:
        'There is no tenant without operator for which you may enable self-service: each has it already, or the platform team has not written setup at its entry in rustfs.tenants.',
      noTenants:
        'There is no tenant on which you may ask for storage for this entity. Whoever looks after the guardrails of this portal can allow one.',
      nameLabel: 'Bucket name',
      namePattern: 'Names here {{description}}, for example {{example}}.',
      nameRule:
        'Lower-case letters, digits and hyphens, 3 to 63 characters, for example checkout-invoices.',
      nameChecking: 'Checking the name…',
      nameOk: '{{name}} is free.',
      nameTry: 'Use {{name}}',
      nameUnchecked: 'The name could not be checked: {{message}}',
      notAllowed:
        'You may not ask for this here: it takes the permission {{permission}} on this entity. Its owners usually have it.',
      accessLabel: 'Name of the access',
      accessRule:
        'Lower-case letters, digits and hyphens, 3 to 40 characters, for example invoices-writer.',
      accessTaken: 'There is an access {{name}} on this tenant already.',
      scopeType: 'What it reaches',
      scope: {
        buckets: 'Whole buckets',
        prefix: 'A folder in one bucket',
        pattern: 'All buckets whose names begin alike',
      },
      scopeBuckets: 'Buckets',
      scopeBucket: 'Bucket',
      scopeChoose: 'Choose',
      scopeOfOthers: 'Of others: they have to approve',
      scopeOther: 'A bucket of another team, by its name',
      scopeAdd: 'Add',
      scopeUnseen:
        'You may not see {{buckets}}. The owner has to approve; the pull request asks them.',
      scopePattern: 'Name pattern',
      scopePatternHint:
        'The beginning of the names and a star, for example loki-*. Only where those names are yours alone.',
      scopePrefix: 'Folder',
      scopePrefixHint: 'Ends with a slash, for example team-a/.',
      scopeApproval: 'has to approve: {{buckets}}.',
      scopeNobody:
        'Nobody is recorded as the owner of {{buckets}}, so nobody can agree. Ask the platform team to record one.',
      bucketsFailed: 'The buckets could not be loaded: {{message}}',
      noBuckets: 'There is no bucket here that you may see.',
      modeLabel: 'May',
      policy: 'The policy on the server',
      noAccessModes: 'the guardrails of this portal allow no access here',
      noNamespaces:
        'the guardrails of this portal give your team no namespace for Secrets',
      cluster: 'Cluster',
      clusterHint: 'Where the service runs.',
      namespace: 'Namespace',
      namespaceHint: 'Where the service runs: the Secret is made there.',
      namespaceAllowed: 'Where the service runs. Yours are: {{namespaces}}.',
      namespaceRefused: '{{namespace}} is not a namespace of your team.',
      secretName: 'Name of the Secret',
      secretNameHint: 'The service reads its key from this Secret.',
      secretForm: 'For',
      secretKeys: 'Keys of the Secret:',
      secretNames: 'Names of the keys',
      secretKeyName: 'Key for {{key}}',
      bucketLabel: 'Bucket',
      noOwnBuckets:
        'The entity has no bucket on this tenant that a request could change.',
      noOwnAccesses: 'The entity has no access on this tenant that could end.',
      revokeHint:
        'Its key stops working: {{mode}} on {{buckets}}. The Secret {{secret}} is deleted.',
      quotaLabel: 'Quota',
      quotaUnit: 'Unit',
      quotaMax: 'At most {{max}}.',
      quotaDefault: 'Usual here: {{default}}.',
      quotaOptional: 'Leave it empty for no quota.',
      quotaRequired: 'A quota is required here.',
      quotaNotPositive:
        'A quota is more than 0. Write how much the bucket may hold.',
      quotaNotPositiveOptional:
        'A quota is more than 0. For no quota, leave the field empty.',
      quotaTooBig:
        '{{quota}} is more than the {{max}} that may be asked for here. Ask for less, or talk to the platform team.',
      previewLoading: 'Working out the pull request…',
      previewIncomplete:
        'Fill in the steps before this one to see the pull request.',
      previewRefused: 'This cannot be asked for as it is',
      previewFailed: 'The preview could not be made',
      previewHint: 'Go back and change it, or try again.',
      previewLater: 'The form can go on once the pull request is shown here.',
      lockNeedsVersioning: 'on, because object lock needs it',
      previewWhere:
        'A pull request in {{repository}} to the branch {{baseBranch}}',
      previewSecond:
        'A second pull request follows in {{repository}}; it is shown below.',
      previewNext: 'Then, once that is in effect',
      previewNextHint:
        'The portal opens this pull request by itself. The request is ready when both are in effect.',
      previewReviewers: 'Reviewed by {{reviewers}}',
      previewNoReviewers: 'Reviewed by whoever may merge in the repository',
      previewApprover: '{{owner}} has to approve, as the owner of {{buckets}}',
      previewGuardrails: 'Guardrails that were checked',
      previewFindings: 'To know, and to do beside the pull request',
      previewCopy: 'Copy: {{what}}',
      previewFiles_one: '{{count}} file changes',
      previewFiles_other: '{{count}} files change',
      previewUnchanged: 'Nothing changes: this is declared already.',
      fileCreate: 'new file',
      fileUpdate: 'changed',
      fileDelete: 'deleted',
      diffLabel: 'Changes of {{path}}',
      diffAdded: 'added',
      diffRemoved: 'removed',
    },
    field: FIELD_TITLES,
    filter: {
      tenant: 'Tenant',
      state: 'Show',
      attention: 'Needs attention',
      nearQuota: 'Over 80 % of quota',
      noOwner: 'Without owner',
      noQuota: 'Without quota',
      csv: 'Download CSV',
      count_one: '{{count}} bucket',
      count_other: '{{count}} buckets',
    },
    buckets: {
      empty:
        'No buckets that you may see. Ask for one on the Storage tab of a service.',
      lost: '{{bucket}} is not among the buckets that you may see',
      lostHint:
        'A bucket that is new shows here by itself, within a minute. Otherwise it is gone, or belongs to another team.',
    },
  },
});
