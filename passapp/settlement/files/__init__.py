"""Files made of statements: spreadsheets, PDF, bank files, invoices, imports for accounting."""
