/** Dimension of every metric: an account and region can have several deployments. */
const deployment = process.env['DEPLOYMENT'] ?? 'Roster';

interface MetricDefinition {
  readonly Name: string;
  readonly Unit?: 'Milliseconds';
}

/** Metadata that turns fields of a log line into metrics (CloudWatch embedded metric format). */
export const emfMetrics = (time: number, Metrics: readonly MetricDefinition[]) => ({
  _aws: {
    Timestamp: time,
    CloudWatchMetrics: [{ Namespace: 'Roster', Dimensions: [['deployment']], Metrics }],
  },
  deployment,
});
