export * from './CatalogPeople';
export * from './judgeApprovals';
export * from './People';
