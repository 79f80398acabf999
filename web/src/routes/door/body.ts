import { answer, type doorApi } from '$lib/api/client.ts';
import type { CheckInInput } from '$lib/api/types.ts';
import type { KeptDeed, KeptScan } from '$lib/store.ts';
import { corrected, deviceNow, type Clock } from './clock.ts';

type Api = ReturnType<typeof doorApi>;

/** A scan as the server takes it. What only this device needs to know stays here. */
export const bodyOf = (
  { place_id: _, problem: __, shown, behind, synced_at, ...scan }: KeptScan,
  clock: Clock,
) => ({
  ...scan,
  ...(shown !== undefined && { shown: shown as CheckInInput['shown'] }),
  attended: scan.attended ?? true,
  full_day: false,
  // The clock when the scan is sent, had nobody set it since: the server measures its error with it.
  device_now: deviceNow(scan.scanned_at, { behind, synced_at }, clock),
});

/** Send what a host did; throws `Refused` or `Unreachable`. */
export async function sendDeed(api: Api, deed: KeptDeed, clock: Clock): Promise<void> {
  const params = { path: { check_in_id: deed.check_in_id ?? '' } };
  switch (deed.kind) {
    case 'undo':
      await answer(
        api.POST('/api/v1/check-ins/{check_in_id}/undo', { params, body: { reason: deed.reason } }),
      );
      return;
    case 'override':
      await answer(
        api.POST('/api/v1/check-ins/{check_in_id}/override', { params, body: { reason: deed.reason } }),
      );
      return;
    case 'house-rules':
      await answer(
        api.POST('/api/v1/check-ins/{check_in_id}/house-rules', { params, body: { version: deed.version } }),
      );
      return;
    case 'check-out':
      await answer(
        api.POST('/api/v1/check-ins/{check_in_id}/check-out', { params, body: { at: corrected(deed.at, deed, clock) } }),
      );
      return;
    case 'offer':
      await answer(api.POST('/api/v1/check-ins/{check_in_id}/offer', { params }));
      return;
    case 'guest': {
      const { id, given_name, minor, guardian_consents, at } = deed;
      const device_now = deviceNow(at, deed, clock);
      const body = { id, minor, guardian_consents, at, device_now, ...(given_name && { given_name }) };
      await answer(api.POST('/api/v1/door/guests', { body }));
    }
  }
}
