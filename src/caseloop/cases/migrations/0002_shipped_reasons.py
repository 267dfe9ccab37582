"""The sequence behind case numbers, the shipped status reasons (spec 7.1), and one queue to begin with."""

from django.db import migrations

REASONS = [
    ("in_progress", "In Progress", "active"),
    ("on_hold", "On Hold", "active"),
    ("waiting_for_details", "Waiting for Details", "active"),
    ("researching", "Researching", "active"),
    ("problem_solved", "Problem Solved", "resolved"),
    ("information_provided", "Information Provided", "resolved"),
    ("no_response", "No Response", "resolved"),
    ("cancelled", "Cancelled", "cancelled"),
    ("merged", "Merged", "cancelled"),
]


def ship(apps, schema_editor):
    reason = apps.get_model("cases", "StatusReason")
    for position, (key, name, status) in enumerate(REASONS):
        reason.objects.get_or_create(key=key, defaults={"name": name, "status": status, "position": position})
    apps.get_model("cases", "Queue").objects.get_or_create(name="Support")


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE IF NOT EXISTS case_number START 1001", "DROP SEQUENCE IF EXISTS case_number"
        ),
        migrations.RunPython(ship, migrations.RunPython.noop),
    ]
