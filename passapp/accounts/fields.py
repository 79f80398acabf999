"""Fields that several rooms' inputs share."""

from typing import Annotated, Literal

from pydantic import AfterValidator, StringConstraints

from passapp.accounts.rules import canonical_email

Email = Annotated[str, StringConstraints(max_length=254), AfterValidator(canonical_email)]
Locale = Literal["fr", "en"]
