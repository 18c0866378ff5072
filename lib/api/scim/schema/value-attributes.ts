import type { Attribute } from './attribute.ts';

/** Sub-attributes of a multi-valued attribute after `value` (RFC 7643 §2.4). */
export const describeValue = (noun: string): readonly Attribute[] => [
  { name: 'display', type: 'string', description: `Name of the ${noun} for display.` },
  { name: 'type', type: 'string', description: `Label of the ${noun}, such as work or home.` },
  {
    name: 'primary',
    type: 'boolean',
    description: `True for the preferred ${noun}. At most one value is primary.`,
  },
];
