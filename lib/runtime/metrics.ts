/** Dimension of every metric, since another deployment may run in the same account and region. */
const deployment = process.env['DEPLOYMENT'] ?? 'Roster';

interface MetricDefinition {
  readonly Name: string;
  readonly Unit?: 'Milliseconds';
}

/** Part of a log line that makes metrics of its fields: CloudWatch embedded metric format. `time` is in epoch milliseconds. */
export const emfMetrics = (time: number, Metrics: readonly MetricDefinition[]) => ({
  _aws: {
    Timestamp: time,
    CloudWatchMetrics: [{ Namespace: 'Roster', Dimensions: [['deployment']], Metrics }],
  },
  deployment,
});
