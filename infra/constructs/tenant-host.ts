import { DomainName } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ARecord, HostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

/**
 * Custom domain `*.suffix`, whose host label names a tenant. The configuration describes the zone,
 * so synthesis needs no account.
 */
export const addTenantHost = (
  scope: Construct,
  { suffix, hostedZone, certificateArn }: NonNullable<Config['tenantHost']>,
): DomainName => {
  const domainName = new DomainName(scope, 'TenantHost', {
    domainName: `*.${suffix}`,
    certificate: Certificate.fromCertificateArn(scope, 'TenantHostCertificate', certificateArn),
  });
  new ARecord(scope, 'TenantHostAlias', {
    zone: HostedZone.fromHostedZoneAttributes(scope, 'TenantHostZone', {
      hostedZoneId: hostedZone.id,
      zoneName: hostedZone.name,
    }),
    recordName: `*.${suffix}.`,
    target: RecordTarget.fromAlias(
      new ApiGatewayv2DomainProperties(
        domainName.regionalDomainName,
        domainName.regionalHostedZoneId,
      ),
    ),
  });
  return domainName;
};
