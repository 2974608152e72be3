export * from './compareWithLive';
export { branchOf } from './pullRequest';
export { plan } from './plan';
