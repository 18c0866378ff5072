/** What a service of AWS answers to a request of its JSON protocol. */
export interface AwsAnswer {
  readonly status: number;
  readonly body: object;
}

/** An error of AWS, by the name that the SDK gives to what it throws. */
export function refused(name: string, message: string): AwsAnswer {
  return { status: 400, body: { __type: name, message } };
}
