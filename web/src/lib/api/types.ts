/** Names for what the API says, taken from its OpenAPI document. */
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];
export type Problem = Schemas['ProblemDetails'];
export type Me = Schemas['Me'];
export type Grant = Schemas['MyGrant'];
export type Role = Schemas['Role'];
export type Network = Schemas['NetworkShown'];
export type Plan = Schemas['PlanShown'];
export type Place = Schemas['PlaceSummary'];
export type PlaceCard = Schemas['PlaceShown'];
export type PlaceWanted = Schemas['PlaceWanted'];
export type PlaceChange = Schemas['PlaceChange'];
/** What the form of a place holds, for one that exists or not yet. */
export type PlaceInput = Partial<Pick<PlaceCard, keyof PlaceWanted & keyof PlaceCard>>;
export type Member = Schemas['MemberShown'];
export type Membership = Schemas['MembershipShown'] & { version?: number };
export type ImportReport = Schemas['ImportShown'];
export type Pass = Schemas['PassShown'];
export type MyMember = Schemas['MyMember'] & { suspended_reason?: string | null };
export type MyVisit = Schemas['MyVisit'];
export type TeamLink = Schemas['LinkShown'];
export type NewTeamLink = Schemas['NewLink'];
export type Door = Schemas['MyDoor'];
export type Paired = Schemas['PairedDoor'];
export type DoorRow = Schemas['DoorShown'];
export type CheckInInput = Schemas['CheckInWanted'];
export type CheckInAnswer = Schemas['CheckInAnswer'];
export type Outcome = Schemas['BatchOutcome'];
export type LookUp = Schemas['LookUpAnswer'];
export type Month = Schemas['MonthSummary'];
export type Counts = Schemas['MonthCounts'];
