import type { GatewayResponse } from '../gateway/response.ts';
import type { Bus } from '../events/bus.ts';
import { isObject, parseObject } from '../fakes/json.ts';
import type { GatewayRequest } from '../gateway/request-event.ts';
import { jsonResponse, textResponse } from '../gateway/server.ts';
import { respondLive } from './live-page.ts';

const eventKeys = ['account', 'source', 'detail-type', 'detail'];

/** Lists the events of all buses, newest first. */
export function listEvents(request: GatewayRequest, { events }: Bus): GatewayResponse {
  return respondLive(request, {
    title: 'Event bus',
    description: 'The latest events of all buses, newest first.',
    columns: { Time: 'time', Bus: 'bus', Source: 'source', Type: 'detail-type' },
    name: 'events',
    items: events.toReversed(),
  });
}

/** Puts an event on the bus of the stack, or on the default bus if its source is an AWS service. */
export function putEvent(body: Buffer, bus: Bus, ownBus: string): GatewayResponse {
  const refused = (reason: string) => textResponse(400, `${reason}\n`);
  const input = parseObject(body.toString());
  if (input === undefined) return refused('The body must be a JSON object.');
  const unknownKey = Object.keys(input).find((key) => !eventKeys.includes(key));
  if (unknownKey !== undefined)
    return refused(
      `${unknownKey} is not a known field; send {"account"?, "source", "detail-type", "detail"}.`,
    );
  const { account, source, 'detail-type': detailType, detail } = input;
  if (typeof source !== 'string' || source === '')
    return refused('"source" must be a non-empty string.');
  if (typeof detailType !== 'string' || detailType === '')
    return refused('"detail-type" must be a non-empty string.');
  if (!isObject(detail)) return refused('"detail" must be an object.');
  if (account !== undefined && !(typeof account === 'string' && /^\d{12}$/.test(account)))
    return refused('"account" must have 12 digits.');
  const { id } = bus.put({
    bus: source.startsWith('aws.') ? 'default' : ownBus,
    source,
    'detail-type': detailType,
    detail,
    ...(account !== undefined && { account }),
  });
  return jsonResponse(200, { id });
}
