import type { AttributePath } from '../schema/find-attribute.ts';

export const operators = ['eq', 'co', 'sw', 'ew', 'gt', 'ge', 'lt', 'le'] as const;
export type Operator = (typeof operators)[number];

/**
 * Filter of resources (RFC 7644 §3.4.2.2). `ne` is the negation of `eq`. Comparisons with null are
 * presence or its negation.
 */
export type Filter =
  | { readonly kind: 'and' | 'or'; readonly terms: readonly Filter[] }
  | { readonly kind: 'not'; readonly term: Filter }
  /** One value that fulfills the whole filter. Paths in the filter name sub-attributes. */
  | { readonly kind: 'value'; readonly path: AttributePath; readonly filter: Filter }
  | { readonly kind: 'present'; readonly path: AttributePath }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  readonly path: AttributePath;
  readonly operator: Operator;
  /** Times are texts. */
  readonly value: string | number | boolean;
}

/** True if a filter reads an attribute. Names are canonical. */
export function mentionsAttribute(filter: Filter, name: string): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return filter.terms.some((term) => mentionsAttribute(term, name));
    case 'not':
      return mentionsAttribute(filter.term, name);
    default:
      return filter.path.attribute.name === name;
  }
}
