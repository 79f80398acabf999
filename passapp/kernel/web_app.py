"""The built web app: from the wheel, or from ``web/dist`` in a checkout."""

from pathlib import Path

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

PACKAGE = Path(__file__).parents[1]
NOT_PAGES = ("api/", ".well-known/", "health/", "feeds/", "openapi.json", "metrics")


def web_folder() -> Path | None:
    """Where the built web app is, or None."""
    for folder in (PACKAGE / "_web", PACKAGE.parent / "web" / "dist"):
        if (folder / "index.html").is_file():
            return folder
    return None


class WebApp(StaticFiles):
    """The web app's files; any other address is a page of it, which the shell answers."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """One file, or the shell."""
        if path.startswith(NOT_PAGES):
            raise HTTPException(404)
        try:
            response = await self._compressed(path, scope) or await super().get_response(path, scope)
        except HTTPException as error:
            if error.status_code != 404 or path.startswith("assets/"):  # noqa: PLR2004
                raise
            response = await super().get_response("index.html", scope)
        # Built files carry a hash in their name; the shell and the service worker must be asked for again.
        if isinstance(response, FileResponse) or response.status_code in {200, 304}:
            lasting = path.startswith("assets/")
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if lasting else "no-cache"
        return response

    async def _compressed(self, path: str, scope: Scope) -> Response | None:
        """The same file as the build compressed it (`web/plugins/brotli.ts`), for a browser that takes Brotli."""
        taken = {each.partition(";")[0].strip() for each in Headers(scope=scope).get("accept-encoding", "").split(",")}
        if not path.startswith("assets/") or "br" not in taken:
            return None
        try:
            response = await super().get_response(f"{path}.br", scope)
        except HTTPException:
            return None
        response.headers["Content-Encoding"] = "br"
        response.headers.add_vary_header("Accept-Encoding")
        return response


def mount_web_app(app: FastAPI, folder: Path | None = None) -> None:
    """Serve the web app wherever no route is; without a build there is only the API.

    Not mounted at ``/``, which every address matches: a route's wrong method would be the web app's business.
    """
    folder = folder or web_folder()
    if folder is not None:
        # Only these are compressed: an answer of the API may hold a secret beside something a stranger chose.
        app.router.default = GZipMiddleware(WebApp(directory=folder, html=True))
