"""Rules of settlement: what each visit is worth, what each place owes, how debts become payments. Pure."""
