import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type {
  Anchor,
  AnchorStore,
  FeedOwner,
  FeedOwnerStore,
} from '../../domain/checkpoints/checkpoint-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPages } from '../dynamodb/query.ts';
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

/** Lists tenants in the order of their slugs. */
export const createFeedOwnerStore = ({ client, directory }: Directory): FeedOwnerStore => ({
  async *listAll() {
    for await (const page of queryPages(client, {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': keys.tenantListEntry('').pk },
      ConsistentRead: true,
    }))
      yield* page.map((item) => {
        const { tenantId, erasedAt } = item as unknown as FeedOwner;
        return { tenantId, erasedAt };
      });
  },
});
