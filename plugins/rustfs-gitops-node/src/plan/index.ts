export { branchOf, describePullRequest } from './pullRequest';
export { plan } from './plan';
