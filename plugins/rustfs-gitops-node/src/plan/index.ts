export { plan } from './plan';
export { branchOf } from './pullRequest';
