import { answer, api, Refused } from '$lib/api/client.ts';
import type { Me, Passkey } from '$lib/api/types.ts';

/** Passkeys in this browser: its credentials are bytes, and our API speaks WebAuthn's JSON, where bytes are base64url. */

export const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

export const textOf = (bytes: ArrayBuffer): string =>
  btoa(Array.from(new Uint8Array(bytes), (byte) => String.fromCharCode(byte)).join(''))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');

/** Whether this browser has passkeys at all; it hides them from pages that are not on HTTPS. */
export const knowsPasskeys = (): boolean => 'PublicKeyCredential' in globalThis;

/** Whether it offers them in the field of the address, too. */
export const offersPasskeys = async (): Promise<boolean> =>
  knowsPasskeys() && ((await PublicKeyCredential.isConditionalMediationAvailable?.()) ?? false);

/** Have the device make a passkey for whoever is signed in, and keep its public half. */
export async function addPasskey(): Promise<Passkey> {
  const question = await answer(api.POST('/api/v1/me/passkeys/question'));
  const options = question.options as unknown as PublicKeyCredentialCreationOptionsJSON;
  const made = (await navigator.credentials.create({
    publicKey: {
      ...options,
      challenge: bytesOf(options.challenge),
      user: { ...options.user, id: bytesOf(options.user.id) },
      excludeCredentials: (options.excludeCredentials ?? []).map(({ id }) => ({ type: 'public-key', id: bytesOf(id) })),
    } as PublicKeyCredentialCreationOptions,
  })) as PublicKeyCredential;
  const response = made.response as AuthenticatorAttestationResponse;
  const credential = written(made, { attestationObject: textOf(response.attestationObject) });
  return await answer(api.POST('/api/v1/me/passkeys', { body: { credential } }));
}

/** Have the device sign somebody in. `offered`: wait until the person picks a passkey in the field of the address. */
export async function signInWithPasskey(signal: AbortSignal, offered = false): Promise<Me> {
  const question = await answer(api.POST('/api/v1/sign-in/passkey/question'));
  const options = question.options as unknown as PublicKeyCredentialRequestOptionsJSON;
  const used = (await navigator.credentials.get({
    signal,
    ...(offered && { mediation: 'conditional' }),
    publicKey: { ...options, challenge: bytesOf(options.challenge) } as PublicKeyCredentialRequestOptions,
  })) as PublicKeyCredential;
  const response = used.response as AuthenticatorAssertionResponse;
  const credential = written(used, {
    authenticatorData: textOf(response.authenticatorData),
    signature: textOf(response.signature),
    userHandle: response.userHandle && textOf(response.userHandle),
  });
  try {
    return await answer(api.POST('/api/v1/sign-in/passkey', { body: { credential } }));
  } catch (error) {
    if (error instanceof Refused && error.problem.code === 'passkey_not_known') forget(options.rpId, used.id);
    throw error;
  }
}

function written(credential: PublicKeyCredential, response: Record<string, string | null>) {
  const { id, rawId, type } = credential;
  return {
    id,
    rawId: textOf(rawId),
    type,
    response: { clientDataJSON: textOf(credential.response.clientDataJSON), ...response },
  };
}

/** Tell the device that a passkey serves no more, so that it stops offering it; not every browser passes this on. */
function forget(rpId: string | undefined, credentialId: string): void {
  const known = PublicKeyCredential as { signalUnknownCredential?: (gone: object) => Promise<void> };
  void known.signalUnknownCredential?.({ rpId, credentialId }).catch(() => undefined);
}

/** What a device that made or gave no passkey means; null for anything else that goes wrong. */
export function refusalOf(error: unknown): 'gaveUp' | 'there' | 'elsewhere' | null {
  if (!(error instanceof DOMException)) return null;
  if (error.name === 'InvalidStateError') return 'there';
  return error.name === 'SecurityError' ? 'elsewhere' : 'gaveUp';
}
