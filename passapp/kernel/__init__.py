"""What every room stands on, and which knows no feature: settings, database, clock, problems, audit, outbox."""

import zoneinfo

# One time-zone database for everybody (booking.md 6): the `tzdata` package, never the machine's files,
# which differ from one server to the next.
zoneinfo.reset_tzpath(to=[])
