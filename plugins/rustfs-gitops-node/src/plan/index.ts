export * from './blueprints';
export { describeFile } from './describeFile';
export * from './layouts';
export { plan } from './plan';
export { branchOf, describePullRequest } from './pullRequest';
export { Refused } from './Refused';
