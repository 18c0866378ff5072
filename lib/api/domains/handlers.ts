import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  createDomain,
  deleteDomain,
  type DomainDependencies,
  getDomain,
  listDomains,
} from '../../domain/domains/manage-domains.ts';
import type { Domain } from '../../domain/domains/domain.ts';
import type { LookUpTxt } from '../../domain/domains/dns-record.ts';
import { verifyDomain } from '../../domain/domains/verify-domain.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import { noContent, type Reply } from '../codec.ts';
import {
  listPage,
  type ListPageDependencies,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import type { AuthenticatedRequest, Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { domainCodecs } from './codecs.ts';
import type { DomainOperation } from './domain-codec.ts';

type Dependencies = DomainDependencies &
  ListPageDependencies & { readonly idPrefix: IdPrefix; readonly lookUpTxt: LookUpTxt };

type DomainRequest = AuthenticatedRequest<DomainOperation>;

const getPathDomainId = ({ dialect, parameters }: DomainRequest) => {
  const { pathParameter, parseDomainId } = domainCodecs[dialect];
  return parseDomainId(parameters[pathParameter.name] ?? '');
};

export const domainHandlers = (deps: Dependencies) => {
  const toResponse = (domain: Domain, { dialect }: Pick<DomainRequest, 'dialect'>): Reply =>
    domainCodecs[dialect].toResponse(domain, deps.idPrefix);

  return {
    createDomain: async (request) => {
      const { createInput, getLocation } = domainCodecs[request.dialect];
      const name = parse(createInput(), request.body);
      const domain = await createDomain(name, request.context, deps);
      const location = getLocation?.(domain, deps.idPrefix);
      return {
        ...toResponse(domain, request),
        ...(location !== undefined && { headers: { location } }),
      };
    },

    listDomains: (request) => {
      const { dialect, context } = request;
      const { list } = domainCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { domains, next } = await listDomains(page, context, deps);
        const items = domains.map((domain) => ({
          body: toResponse(domain, request).body,
          position: domain.name,
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'domains'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getDomain: async (request) =>
      toResponse(await getDomain(getPathDomainId(request), request.context, deps), request),

    verifyDomain: async (request) => {
      const { verification } = domainCodecs[request.dialect];
      try {
        const domain = await verifyDomain(getPathDomainId(request), request.context, deps);
        return verification ? verification.toResponse() : toResponse(domain, request);
      } catch (error) {
        if (!verification || !(error instanceof Failure) || error.code !== 'domain_unverified')
          throw error;
        return verification.toResponse(error.message);
      }
    },

    deleteDomain: async (request) => {
      await deleteDomain(getPathDomainId(request), request.context, deps);
      return noContent;
    },
  } satisfies Operations<RequestContext>;
};
