import type { GatewayAnswer } from '../gateway/response.ts';
import type { Bus } from '../events/bus.ts';
import { isObject, parseObject } from '../fakes/json.ts';
import { json, plain } from '../gateway/server.ts';

const known = ['account', 'source', 'detail-type', 'detail'];

/** What has been on the buses, the newest first. */
export function listEvents({ events }: Bus): GatewayAnswer {
  return json(200, { events: events.toReversed() });
}

/** Puts one event on the stack's own bus; what a service of AWS would say, on the default one. */
export function putEvent(body: Buffer, bus: Bus, ownBus: string): GatewayAnswer {
  const refused = (reason: string) => plain(400, `${reason}\n`);
  const wanted = parseObject(body.toString());
  if (wanted === undefined) return refused('The body must be a JSON object.');
  const stranger = Object.keys(wanted).find((key) => !known.includes(key));
  if (stranger !== undefined)
    return refused(`${stranger} is unknown: send {"account"?, "source", "detail-type", "detail"}.`);
  const { account, source, 'detail-type': detailType, detail } = wanted;
  if (typeof source !== 'string' || source === '')
    return refused('"source" must be a string that is not empty.');
  if (typeof detailType !== 'string' || detailType === '')
    return refused('"detail-type" must be a string that is not empty.');
  if (!isObject(detail)) return refused('"detail" must be an object.');
  if (account !== undefined && !(typeof account === 'string' && /^\d{12}$/.test(account)))
    return refused('"account" must be twelve digits.');
  const { id } = bus.put({
    bus: source.startsWith('aws.') ? 'default' : ownBus,
    source,
    'detail-type': detailType,
    detail,
    ...(account !== undefined && { account }),
  });
  return json(200, { id });
}
