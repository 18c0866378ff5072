import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { Anchor, AnchorStore } from '../../domain/checkpoints/checkpoint-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { type Directory, schemaVersion, sendConditionalWrite } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Stores anchors beside the segments of a feed. */
export const createAnchorStore = ({ client, directory }: Directory): AnchorStore => ({
  async find(tenantId) {
    const item = await getItem(client, directory, keys.feedAnchor(tenantId));
    return item && (toAttributes(item) as unknown as Anchor);
  },

  async save(tenantId, { sequence, hash, proof }) {
    // An update names its attributes, so the role of the function cannot write segments.
    const command = new UpdateCommand({
      TableName: directory,
      Key: { ...keys.feedAnchor(tenantId) },
      UpdateExpression:
        'SET #sequence = :sequence, #hash = :hash, proof = :proof, schemaVersion = :schemaVersion',
      ConditionExpression: 'attribute_not_exists(pk) OR #sequence <= :sequence',
      ExpressionAttributeNames: { '#sequence': 'sequence', '#hash': 'hash' },
      ExpressionAttributeValues: {
        ':sequence': sequence,
        ':hash': hash,
        ':proof': proof,
        ':schemaVersion': schemaVersion,
      },
    });
    await sendConditionalWrite((options) => client.send(command, options));
  },
});
