"""How each place is settled: bank account, tax numbers, accounts of its books."""
