"""What every room stands on, and which knows no feature: settings, database, clock, problems, audit, outbox."""
