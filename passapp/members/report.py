"""An import's report, for the terminal."""

from passapp.members.importing import ImportReport


def import_summary(report: ImportReport) -> str:
    """What an import did, or would do, line by line."""
    lines = [f"line {e.line}{f', {e.column}' if e.column else ''}: {e.en}" for e in report.errors]
    if report.is_old_encoding:
        lines.append("The file is not UTF-8 and was read as Windows-1252: check the accents.")
    lines += [f"line {d.line}: {d.name} is already on line {d.first_line}; left out" for d in report.duplicates]
    lines += [f"line {c.line}: new: {c.name}" for c in report.created]
    for changed in report.changed:
        what = ", ".join(f"{d.field}: {d.before or '-'} -> {d.after or '-'}" for d in changed.differences)
        lines.append(f"line {changed.line}: {changed.name}: {what}")
    counted = f"{len(report.created)} new, {len(report.changed)} changed, {report.unchanged} as they were"
    lines.append(f"{report.rows} lines: {counted}, {len(report.duplicates)} twice, {len(report.errors)} errors.")
    lines.append("Imported." if report.imported else "Nothing was written.")
    return "\n".join(lines)
