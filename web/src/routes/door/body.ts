import { answer, type doorApi } from '$lib/api/client.ts';
import type { CheckInInput } from '$lib/api/types.ts';
import type { KeptDeed, KeptScan } from '$lib/store.ts';

type Api = ReturnType<typeof doorApi>;

/** A scan as the server takes it. What only this device needs to know stays here. */
export const bodyOf = ({ place_id: _, problem: __, shown, ...scan }: KeptScan) => ({
  ...scan,
  ...(shown !== undefined && { shown: shown as CheckInInput['shown'] }),
  attended: scan.attended ?? true,
  full_day: false,
  // The clock as it is when the scan is sent: the server measures its error with it.
  device_now: new Date().toISOString(),
});

/** Send what a host did; throws `Refused` or `Unreachable`. */
export async function sendDeed(api: Api, deed: KeptDeed): Promise<void> {
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
      await answer(api.POST('/api/v1/check-ins/{check_in_id}/check-out', { params, body: { at: deed.at } }));
      return;
    case 'offer':
      await answer(api.POST('/api/v1/check-ins/{check_in_id}/offer', { params }));
      return;
    case 'guest': {
      const { id, given_name, minor, guardian_consents, at } = deed;
      const body = { id, minor, guardian_consents, at, device_now: new Date().toISOString(), ...(given_name && { given_name }) };
      await answer(api.POST('/api/v1/door/guests', { body }));
    }
  }
}
