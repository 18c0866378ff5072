import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** DNS server with the TXT records that a developer or test adds. */
export interface FakeDns {
  /** IP address and port. */
  readonly address: string;
  /** Values of the TXT records, by name in lower case. */
  readonly records: Map<string, string[]>;
  close(): Promise<void>;
}

/** Length of a header (RFC 1035 §4.1.1). */
const headerBytes = 12;
const typeTxt = 16;
const nameError = 3;

/** Starts a DNS server on a free UDP port. */
export async function startFakeDns(): Promise<FakeDns> {
  const records = new Map<string, string[]>();
  const socket = createSocket('udp4');
  socket.on('message', (query, { address, port }) => {
    socket.send(buildAnswer(query, records), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return {
    address: `127.0.0.1:${socket.address().port}`,
    records,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
}

/** Answers the question of a query. A name without records does not exist. */
function buildAnswer(query: Buffer, records: FakeDns['records']): Buffer {
  const { name, end } = readName(query);
  const values = records.get(name.toLowerCase());
  const isTxt = query.readUInt16BE(end) === typeTxt;
  const answers = isTxt ? (values ?? []).map(buildRecord) : [];
  const header = Buffer.alloc(headerBytes);
  query.copy(header, 0, 0, 2);
  // Authoritative response, recursion available.
  header.writeUInt16BE(0x8580 | (values ? 0 : nameError), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  // The question has a type and a class after its name.
  return Buffer.concat([header, query.subarray(headerBytes, end + 4), ...answers]);
}

/** Reads the name of the question: labels with their lengths, up to an empty one. */
function readName(query: Buffer): { readonly name: string; readonly end: number } {
  const labels: string[] = [];
  let offset = headerBytes;
  for (let length = query.readUInt8(offset); length > 0; length = query.readUInt8(offset)) {
    labels.push(query.toString('latin1', offset + 1, offset + 1 + length));
    offset += 1 + length;
  }
  return { name: labels.join('.'), end: offset + 1 };
}

/** Builds a TXT record of the name in the question, as strings of up to 255 bytes. */
function buildRecord(value: string): Buffer {
  const text = Buffer.from(value);
  const strings: Buffer[] = [];
  for (let start = 0; start < text.length; start += 255) {
    const part = text.subarray(start, start + 255);
    strings.push(Buffer.from([part.length]), part);
  }
  const data = Buffer.concat(strings);
  const fields = Buffer.alloc(12);
  // Pointer to the name in the question (RFC 1035 §4.1.4).
  fields.writeUInt16BE(0xc000 | headerBytes, 0);
  fields.writeUInt16BE(typeTxt, 2);
  fields.writeUInt16BE(1, 4);
  fields.writeUInt16BE(data.length, 10);
  return Buffer.concat([fields, data]);
}
