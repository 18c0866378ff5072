import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeAfterFile } from '../cleanup.ts';

/** Answers of the DNS for one name. Code 2 is SERVFAIL. */
export interface Answers {
  readonly cname?: string;
  readonly a?: readonly string[];
  readonly aaaa?: readonly string[];
  readonly code?: number;
}

const headerBytes = 12;
const types = { a: 1, cname: 5, aaaa: 28 } as const;
const nameError = 3;

/** Starts a DNS server with address records. `answer` is called once for each query. */
export async function startAddressDns(answer: (name: string, type: string) => Answers | undefined) {
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    socket.send(respond(query, answer), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  closeAfterFile(() => void socket.close());
  return `127.0.0.1:${socket.address().port}`;
}

function respond(query: Buffer, answer: (name: string, type: string) => Answers | undefined) {
  const { name, end } = readName(query);
  const type = query.readUInt16BE(end) === types.aaaa ? 'aaaa' : 'a';
  const answers = answer(name, type);
  const { cname, code = answers ? 0 : nameError } = answers ?? {};
  const records = [
    ...(cname === undefined ? [] : [buildRecord(name, types.cname, encodeName(cname))]),
    ...(answers?.[type] ?? []).map((address) =>
      buildRecord(cname ?? name, types[type], encodeAddress(address)),
    ),
  ];
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8580 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, query.subarray(headerBytes, end + 4), ...records]);
}

function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let offset = headerBytes;
  for (let length = query.readUInt8(offset); length > 0; length = query.readUInt8(offset)) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return { name: labels.join('.'), end: offset + 1 };
}

const encodeName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.from([0]),
  ]);

/** Bytes of an IPv4 address, or of an IPv6 address. */
function encodeAddress(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const [first, last] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const zeros = Array<string>(8 - first!.length - last!.length).fill('0');
  const groups = [...first!, ...zeros, ...last!].map((group) => Number.parseInt(group, 16));
  const bytes = Buffer.alloc(16);
  for (const [index, group] of groups.entries()) bytes.writeUInt16BE(group, index * 2);
  return bytes;
}

function buildRecord(name: string, type: number, data: Buffer): Buffer {
  const fields = Buffer.alloc(10);
  fields.writeUInt16BE(type, 0);
  fields.writeUInt16BE(1, 2);
  fields.writeUInt16BE(data.length, 8);
  return Buffer.concat([encodeName(name), fields, data]);
}
