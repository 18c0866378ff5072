/** Maximum number of events in a segment. */
export const maxSegmentEvents = 49;
