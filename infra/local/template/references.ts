import { accountId } from '../gateway/request-event.ts';

export interface Resource {
  readonly Type: string;
  // Each resource type has its own properties.
  readonly Properties?: Record<string, any>;
}

/** CloudFormation template with the parts that the local server reads. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export function listResources(
  type: string,
  { Resources }: Template,
): [id: string, properties: NonNullable<Resource['Properties']>][] {
  return Object.entries(Resources)
    .filter(([, { Type }]) => Type === type)
    .map(([id, { Properties = {} }]) => [id, Properties]);
}

const pseudoParameters: Readonly<Record<string, string>> = {
  'AWS::AccountId': accountId,
  'AWS::Region': 'local',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'local',
};

/**
 * Replaces the references in a value with local names. Throws an error that names the resource if a
 * reference has no target.
 */
export function resolve(value: unknown, template: Template, place: string): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const [key, argument] = Object.entries(value)[0] ?? [];
  const refuse = () =>
    new Error(`${place}: ${JSON.stringify(value)} has no counterpart on this machine`);
  const part = (inner: unknown) => String(resolve(inner, template, place));
  const reference = (id: string) =>
    pseudoParameters[id] ?? (template.Resources[id] && getPhysicalName(id, template));
  const attribute = (id: string, name: string) =>
    template.Resources[id] ? getAttribute(id, name, template) : undefined;

  let resolved: string | undefined;
  if (key === 'Ref') resolved = reference(String(argument));
  if (key === 'Fn::GetAtt' && Array.isArray(argument))
    resolved = attribute(String(argument[0]), String(argument[1]));
  if (key === 'Fn::Join' && Array.isArray(argument))
    resolved = (argument[1] as unknown[]).map(part).join(String(argument[0]));
  if (key === 'Fn::Sub') {
    const [text, given] = (Array.isArray(argument) ? argument : [argument, {}]) as [
      string,
      Record<string, unknown>,
    ];
    resolved = text.replace(/\$\{([^!}]+)\}/g, (_, name: string) => {
      const [id = '', attributeName] = name.split('.');
      const resource =
        name in given
          ? part(given[name])
          : attributeName === undefined
            ? reference(id)
            : attribute(id, attributeName);
      if (resource === undefined) throw refuse();
      return resource;
    });
  }
  if (resolved === undefined) throw refuse();
  return resolved;
}

/** Applies the function to all values in a list or an object. */
export function resolveDeeply(value: unknown, template: Template, place: string): unknown {
  if (Array.isArray(value)) return value.map((item) => resolveDeeply(item, template, place));
  if (typeof value !== 'object' || value === null) return value;
  if (Object.keys(value).every((key) => key === 'Ref' || key.startsWith('Fn::')))
    return resolve(value, template, place);
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, resolveDeeply(item, template, place)]),
  );
}

/** Physical name of a resource: the declared name, or else the logical ID. */
export function getPhysicalName(id: string, { Resources }: Template): string {
  const { TableName, FunctionName, BucketName, Name } = Resources[id]?.Properties ?? {};
  return [TableName, FunctionName, BucketName, Name].find((name) => typeof name === 'string') ?? id;
}

/** Last part of an ARN, the resource name. */
export function getReferencedName(arn: string): string {
  return /[^:/]*$/.exec(arn)?.[0] ?? '';
}

/** Table name in the ARN of a stream. */
export function getStreamTable(arn: string): string {
  return /:table\/([^/]+)\/stream\//.exec(arn)?.[1] ?? '';
}

function getAttribute(id: string, attribute: string, template: Template): string | undefined {
  if (attribute === 'Arn') return toArn(id, template);
  if (attribute === 'StreamArn') return `${toArn(id, template)}/stream/local`;
  if (attribute === 'ApiEndpoint') return `http://${getPhysicalName(id, template)}.localhost`;
  if (attribute === 'RegionalDomainName') return `${getPhysicalName(id, template)}.s3.localhost`;
  // Other attributes also refer to the resource itself.
  return ['Name', 'KeyId', 'TableId'].includes(attribute)
    ? getPhysicalName(id, template)
    : undefined;
}

const arnForms: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::GlobalTable': `dynamodb:local:${accountId}:table/`,
  'AWS::DynamoDB::Table': `dynamodb:local:${accountId}:table/`,
  'AWS::Events::EventBus': `events:local:${accountId}:event-bus/`,
  'AWS::Events::Rule': `events:local:${accountId}:rule/`,
  'AWS::KMS::Key': `kms:local:${accountId}:key/`,
  'AWS::Lambda::Function': `lambda:local:${accountId}:function:`,
  'AWS::S3::Bucket': 's3:::',
  'AWS::SES::ConfigurationSet': `ses:local:${accountId}:configuration-set/`,
};

function toArn(id: string, template: Template): string {
  const { Type = '' } = template.Resources[id] ?? {};
  return `arn:aws:${arnForms[Type] ?? `${Type.split('::')[1]?.toLowerCase()}:local:${accountId}:`}${getPhysicalName(id, template)}`;
}
