import type { SettlementDetails } from '$lib/api/types.ts';
import type { components } from '$lib/api/schema.d.ts';

type Wanted = components['schemas']['SettlementDetailsWanted'];

/** What is sent: an emptied field is nothing, nobody is mailed without an address, nor billed without a SIRET. */
export function wantedOf({ version: _version, holds_fund: _holds, ...said }: SettlementDetails): Wanted {
  const emptied = Object.fromEntries(
    Object.entries(said).map(([name, value]) => [name, typeof value === 'string' ? value.trim() || null : value]),
  );
  return {
    ...(emptied as Wanted),
    mails_accountant: said.mails_accountant && Boolean(emptied['accountant_email']),
    invoices_monthly: said.invoices_monthly && Boolean(emptied['siret']),
  };
}
