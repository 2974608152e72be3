import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { apiError } from './ApiError';

/** A document as nested plain data: text, an element's children by name, or a list of equal elements. */
export type XmlNode = string | XmlElement | XmlNode[];
export interface XmlElement {
  [name: string]: XmlNode | undefined;
}

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';
export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  parseTagValue: false,
  trimValues: true,
  removeNSPrefix: true,
  processEntities: true,
  // Without this, only the five named entities are read: Go writes quotes as `&#34;`.
  htmlEntities: true,
});

export function escapeXml(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;')
    .replace(/'/g, '&apos;')
    .replace(/\r/g, '&#xD;');
}

/** Element content keeps its quotes: ETags are sent as `"…"` by the real server. */
function escapeText(text: string): string {
  return text
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/\r/g, '&#xD;');
}

function renderNode(name: string, node: XmlNode | undefined): string {
  if (node === undefined) {
    return '';
  }
  if (Array.isArray(node)) {
    return node.map(item => renderNode(name, item)).join('');
  }
  const content =
    typeof node === 'string' ? escapeText(node) : renderChildren(node);
  return `<${name}>${content}</${name}>`;
}

function renderChildren(element: XmlElement): string {
  return Object.entries(element)
    .map(([name, node]) => renderNode(name, node))
    .join('');
}

/** Writes a document; `namespace` is left out for the roots that RustFS sends without one. */
export function renderXml(
  root: string,
  children: XmlElement,
  options: { namespace?: string } = {},
): string {
  const attribute = options.namespace ? ` xmlns="${options.namespace}"` : '';
  return `${XML_DECLARATION}<${root}${attribute}>${renderChildren(
    children,
  )}</${root}>`;
}

/** Reads a document whose root must have the given name. */
export function parseXml(text: string, root: string): XmlElement {
  if (XMLValidator.validate(text) !== true) {
    throw apiError('MalformedXML');
  }
  const document: unknown = parser.parse(text);
  if (typeof document !== 'object' || document === null) {
    throw apiError('MalformedXML');
  }
  const content = (document as XmlElement)[root];
  if (content === undefined || Array.isArray(content)) {
    throw apiError('MalformedXML');
  }
  return typeof content === 'string' ? {} : content;
}

/** An element that may occur any number of times, as a list. */
export function elementsOf(parent: XmlElement, name: string): XmlElement[] {
  const node = parent[name];
  if (node === undefined) {
    return [];
  }
  const nodes = Array.isArray(node) ? node : [node];
  return nodes.map(item =>
    typeof item === 'string' || Array.isArray(item) ? {} : item,
  );
}

export function textOf(parent: XmlElement, name: string): string | undefined {
  const node = parent[name];
  return typeof node === 'string' ? node : undefined;
}

/** Orders children by name, as the real server does when it sends back a configuration. */
export function sortElements(node: XmlNode): XmlNode {
  if (typeof node === 'string') {
    return node;
  }
  if (Array.isArray(node)) {
    return node.map(sortElements);
  }
  const sorted: XmlElement = {};
  for (const name of Object.keys(node).sort()) {
    const child = node[name];
    if (child !== undefined) {
      sorted[name] = sortElements(child);
    }
  }
  return sorted;
}
