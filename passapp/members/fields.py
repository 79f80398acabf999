"""Fields of members, the same in a form, in the API and in a CSV file."""

from typing import Annotated

from pydantic import Field, StringConstraints

Tier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Reference = Annotated[str, StringConstraints(pattern=r"^[\w][\w ./-]{0,63}$")]
Priority = Annotated[int, Field(ge=1, le=99, description="The lowest number pays first.")]
PlanCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9]{1,4}$")]
