"""Settings come from the environment, or from files that hold secrets."""

import os
import subprocess
import sys

PRINT = "from passapp.kernel.settings import Settings; print(Settings().smtp_url.get_secret_value())"


def test_a_secret_may_be_a_file_in_a_folder_and_the_environment_goes_before_it(tmp_path):
    (tmp_path / "passapp_smtp_url").write_text("smtp://from-the-file:2525\n")
    own = {name: value for name, value in os.environ.items() if not name.startswith("PASSAPP_")}
    own["PASSAPP_SECRETS_DIR"] = str(tmp_path)
    said = []
    for more in ({}, {"PASSAPP_SMTP_URL": "smtp://from-the-environment"}):
        words = [sys.executable, "-c", PRINT]
        said.append(
            subprocess.run(words, env=own | more, capture_output=True, text=True, check=True, timeout=60).stdout
        )
    assert said == ["smtp://from-the-file:2525\n", "smtp://from-the-environment\n"]
