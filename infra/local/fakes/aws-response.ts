/** Response of an AWS service with a JSON protocol. */
export interface AwsResponse {
  readonly status: number;
  readonly body: object;
}

/** AWS error with the name that the SDK uses for its exception. */
export function awsError(name: string, message: string): AwsResponse {
  return { status: 400, body: { __type: name, message } };
}
