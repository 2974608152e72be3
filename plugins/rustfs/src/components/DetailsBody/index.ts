export { DetailsBody, DetailsList, DetailsRow } from './DetailsBody';
