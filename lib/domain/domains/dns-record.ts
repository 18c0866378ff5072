import { type Domain, getRecordName, getRecordValue } from './domain.ts';

/** Answer of one resolver: the TXT records of a name, or `failed` without an answer. */
export type TxtAnswer = readonly string[] | 'failed';

/** Asks every resolver of the deployment for the TXT records of a name. */
export type LookUpTxt = (name: string) => Promise<readonly TxtAnswer[]>;

export type RecordState = 'found' | 'record_missing' | 'value_mismatch' | 'lookup_failed';

/** Looks up the record of a domain. It is `found` only if all resolvers return its value. */
export async function checkRecord(domain: Domain, lookUpTxt: LookUpTxt): Promise<RecordState> {
  const answers = await lookUpTxt(getRecordName(domain));
  const value = getRecordValue(domain);
  if (answers.some((answer) => answer === 'failed')) return 'lookup_failed';
  if (answers.some(({ length }) => length === 0)) return 'record_missing';
  return answers.every((answer) => answer.includes(value)) ? 'found' : 'value_mismatch';
}
